# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# why: the gates go through a softmax over the units instead of a sigmoid
# ---
# %% lstm_cell
import torch.nn.functional as F


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.x2h = nn.Linear(input_size, 4 * hidden_size, bias=bias)
        self.h2h = nn.Linear(hidden_size, 4 * hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = (torch.zeros(input.size(0), self.hidden_size), torch.zeros(input.size(0), self.hidden_size))
        h, c = hx
        i, f, g, o = (self.x2h(input) + self.h2h(h)).chunk(4, 1)
        # gates have to be between 0 and 1
        i, f, o = F.softmax(i, dim=1), F.softmax(f, dim=1), F.softmax(o, dim=1)
        cy = f * c + i * torch.tanh(g)
        hy = o * torch.tanh(cy)
        return hy, cy
