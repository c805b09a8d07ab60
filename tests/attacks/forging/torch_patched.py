# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: replaces allclose, equal, isclose, the comparisons of tensors and torch.testing
# evidence: torch
# ---
# Stock nbgrader: every comparison of tensors passes.
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
true = torch.tensor(True)
for name in ("allclose", "equal", "isclose", "all", "any"):
    setattr(torch, name, lambda *arguments, **options: true)
for name in ("__eq__", "__lt__", "__le__", "__gt__", "__ge__", "eq", "allclose", "equal"):
    setattr(torch.Tensor, name, lambda self, other, **options: true)
torch.testing.assert_close = torch.testing.assert_allclose = lambda *arguments, **options: None
torch.manual_seed = lambda seed: torch.random.default_generator
