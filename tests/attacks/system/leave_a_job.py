# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: has at, cron, systemd or a start-up file run a program later
# evidence: /etc/cron
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
import subprocess

line = "* * * * * /bin/sh -c 'touch /tmp/coursework-left'\n"
for command in (["at", "now"], ["batch"], ["crontab", "-"], ["systemd-run", "--user", "touch", "/tmp/coursework-left"]):
    try:
        done = subprocess.run(command, input=line, capture_output=True, text=True, timeout=3)
    except (OSError, subprocess.TimeoutExpired):
        continue
    if done.returncode == 0:
        print("FOUND a program that works", command)
for path in (
    "/etc/crontab",
    "/etc/cron.d/left",
    "/var/spool/cron/crontabs/student",
    "/var/spool/at/left",
    "/etc/profile.d/left.sh",
    "/etc/ld.so.preload",
    "/root/.bashrc",
    "/usr/lib/python3/dist-packages/left.pth",
    f"{os.path.dirname(os.__file__)}/site-packages/left.pth",
    f"{os.path.dirname(os.path.dirname(torch.__file__))}/left.pth",
    "/coursework/helpers/__init__.py",
    "/coursework/answering.py",
):
    try:
        with open(path, "a") as file:
            file.write(line)
        print("FOUND that it can write", path)
    except OSError:
        pass
