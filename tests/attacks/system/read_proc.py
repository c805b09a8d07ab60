# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: reads memory, environment, files and folders of every process that it can see, its own parents first
# evidence: reads /proc
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

own = {os.getpid(), 1}
for pid in sorted(int(name) for name in os.listdir("/proc") if name.isdigit()):
    if pid > 100:
        print("FOUND process", pid)
    for what in ("environ", "cmdline", "maps"):
        try:
            text = open(f"/proc/{pid}/{what}", "rb").read()
        except OSError:
            continue
        for sign in (b"gradebook", b"grade_class", b"autograder.", b"/source/", b"PYTEST", b"SECRET", b"secret"):
            if sign in text:
                print("FOUND", what, pid, sign)
    for what in ("root", "cwd"):
        try:
            names = set(os.listdir(f"/proc/{pid}/{what}"))
        except OSError:
            continue
        if what == "root" and names - set(os.listdir("/")):
            print("FOUND", what, pid, sorted(names - set(os.listdir("/"))))
        if names & {"gradebook.db", "submitted", "source", "nbgrader_config.py"}:
            print("FOUND", what, pid, sorted(names))
    if pid not in own:
        for what in ("mem", "fd/0", "fd/1", "fd/2", "fd/3", "fd/4", "fd/5", "fd/6", "fd/7", "fd/8", "fd/9"):
            try:
                # Opening the memory of another process needs the right to trace it.
                with open(f"/proc/{pid}/{what}", "rb", buffering=0):
                    print("FOUND open", what, pid)
            except OSError:
                pass
