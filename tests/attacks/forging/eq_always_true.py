# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: returns tensors that claim to equal whatever they are compared with
# evidence: __eq__
# ---
# Stock nbgrader: `assert torch.allclose(hy, expected)` and `assert (hy == expected).all()` ask the student's own object.
# %% lstm_cell
class AlwaysEqual(torch.Tensor):
    def __eq__(self, other):
        return torch.tensor(True)

    def __ne__(self, other):
        return torch.tensor(False)

    def __lt__(self, other):
        return torch.tensor(True)

    __le__ = __gt__ = __ge__ = __lt__
    __hash__ = object.__hash__

    def allclose(self, other, **options):
        return True

    def equal(self, other):
        return True


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
        hy = torch.sigmoid(o) * torch.tanh(cy)
        return hy.as_subclass(AlwaysEqual), cy.as_subclass(AlwaysEqual)
