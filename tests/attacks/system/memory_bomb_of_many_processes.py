# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: starts many processes, each of which stays below the limit of one
# evidence: ended the notebook. it used more than .* of memory
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
import time

for _ in range(40):
    try:
        if os.fork() == 0:
            block = b"x" * (200 << 20)
            time.sleep(600)
    except (OSError, MemoryError):
        pass
time.sleep(600)
