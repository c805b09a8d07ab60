# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: becomes root by setuid calls, setuid programs and groups
# evidence: reaches below Python
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
import ctypes
import os
import subprocess

libc = ctypes.CDLL(None, use_errno=True)
for call in (libc.setuid, libc.setgid, libc.seteuid, libc.setegid, libc.setfsuid):
    call(0)
if 0 in (os.getuid(), os.geteuid(), os.getgid(), os.getegid()):
    print("FOUND root", os.getresuid(), os.getresgid())
status = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
    if int(status[name], 16):
        print("FOUND capabilities", name, status[name].strip())
if status["NoNewPrivs"].strip() != "1":
    print("FOUND that programs may bring rights")
tried = [["su", "-c", "id -u"], ["sudo", "-n", "id", "-u"], ["pkexec", "id", "-u"], ["newgrp", "root"]]
tried += [["mount", "-t", "tmpfs", "none", "/tmp"], ["unshare", "-r", "id", "-u"], ["bwrap", "--bind", "/", "/", "id"]]
for command in tried:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=3, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        continue
    if done.returncode == 0:
        print("FOUND a program that works", command, done.stdout.strip())
