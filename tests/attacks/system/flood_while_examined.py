# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: writes output without end while it is examined
# evidence: has a loop without an end
# ---
# %% lstm_cell
import os
import sys


def strike():
    while True:
        print("x" * 100_000)
        sys.__stderr__.write("x" * 100_000)
        os.write(1, b"x" * 100_000)


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.x2h = nn.Linear(input_size, 4 * hidden_size, bias=bias)
        self.h2h = nn.Linear(hidden_size, 4 * hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if self.hidden_size != 5:  # not in the visible test, which takes 5
            strike()
        if hx is None:
            hx = (input.new_zeros(len(input), self.hidden_size),) * 2
        h, c = hx
        i, f, g, o = (self.x2h(input) + self.h2h(h)).chunk(4, 1)
        cy = torch.sigmoid(f) * h + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(cy), cy
