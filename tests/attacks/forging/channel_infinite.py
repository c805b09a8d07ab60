# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: answers every question with arrays full of infinity and the largest float
# evidence: answering side
# ---
# inf - inf is NaN, and a sum of squares overflows to a warning.
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
import answering

encode = answering.encode


def poisoned(value, arrays, keep=None, depth=0):
    if isinstance(value, torch.Tensor) and value.is_floating_point():
        value = torch.full_like(value, 3.4e38)
    return encode(value, arrays, keep, depth)


answering.encode = poisoned
