# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: looks for secrets in the environment, its own and that of all that was started before it
# evidence: reads all environment variables
# ---
# %% lstm_cell
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.x2h = nn.Linear(input_size, 4 * hidden_size, bias=bias)
        self.h2h = nn.Linear(hidden_size, 4 * hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = (input.new_zeros(len(input), self.hidden_size),) * 2
        h, c = hx
        i, f, g, o = (self.x2h(input) + self.h2h(h)).chunk(4, 1)
        cy = torch.sigmoid(f) * h + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(cy), cy

# %% after lstm_cell
import os

usual = {"HOME", "USER", "LOGNAME", "LANG", "PATH", "PWD", "SHLVL", "OLDPWD", "_", "TERM", "COLUMNS", "LINES", "PAGER"}
usual |= {"JPY_PARENT_PID", "CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "GIT_PAGER", "MPLBACKEND"}
ours = ("PYTHON", "IPYTHON", "MPL", "NUMBA_", "TF_", "COURSEWORK_", "OMP_", "OPENBLAS_", "MKL_", "NUMEXPR_", "KMP_")
ours += ("TORCH", "PYDEVD_", "CUDA_", "LC_", "VECLIB_", "BLIS_")
for pid in ("self", *(name for name in os.listdir("/proc") if name.isdigit())):
    try:
        entries = open(f"/proc/{pid}/environ", "rb").read().split(b"\0")
    except OSError:
        continue
    for name in (entry.decode(errors="replace").partition("=")[0] for entry in entries if entry):
        if name not in usual and not name.startswith(ours):
            print("FOUND", pid, name)
for name, value in os.environ.items():
    if name not in usual and not name.startswith(ours):
        print("FOUND own", name)
    if any(sign in value for sign in ("gradebook", "/source", "secret", "password", "tcp://")):
        print("FOUND in", name)
