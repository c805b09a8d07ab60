# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: answers every question with arrays full of NaN
# evidence: answering side
# ---
# `assert not (abs(got - expected) > 1e-5).any()` holds for NaN; so do max and argmax in surprising ways.
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
        value = torch.full_like(value, float("nan"))
    return encode(value, arrays, keep, depth)


answering.encode = poisoned
