# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: leaves a process behind that has left its session, ignores every signal and has closed all files
# evidence: so that a process may stay behind
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
import signal
import time

libc = ctypes.CDLL(None)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        libc.prctl(1, 0, 0, 0, 0)  # PR_SET_PDEATHSIG: no signal when the parent ends
        libc.prctl(15, b"coursework-left", 0, 0, 0)  # PR_SET_NAME, by which the test looks for it
        for number in signal.valid_signals():
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        os.chdir("/")
        os.closerange(0, 4096)
        while True:
            time.sleep(1)
            if os.fork() != 0:  # always another process than the one that was seen
                os._exit(0)
    os._exit(0)
