# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: opens files, sockets and pipes until there are no more descriptors, here and in children
# evidence: makes processes by hand
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
import socket
import time

kept = []


def exhaust():
    for take in (os.pipe, socket.socketpair, lambda: os.open("/dev/null", os.O_RDONLY)):
        try:
            while True:
                kept.append(take())
        except OSError:
            pass


for _ in range(30):
    try:
        if os.fork() == 0:
            exhaust()
            time.sleep(600)
    except OSError:
        break
exhaust()
