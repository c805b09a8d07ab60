# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: sends SIGTERM, SIGSTOP and SIGKILL to the process that started it, then goes on
# evidence: sends signals
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
import signal

for number in (signal.SIGTERM, signal.SIGSTOP, signal.SIGKILL):
    for target in (os.getppid(), -os.getpgid(0), 1):
        if target in (0, -os.getpgid(0)):
            continue
        try:
            os.kill(target, number)
        except (ProcessLookupError, PermissionError):
            pass
