# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: replaces isinstance, abs, all, any, print and AssertionError among the builtins
# evidence: builtin
# ---
# Stock nbgrader: `assert abs(a - b) < 1e-5` and `assert all(...)` use the student's own.
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
import builtins


class NoError(Exception):
    pass


builtins.AssertionError = NoError
builtins.isinstance = lambda obj, kind: True
builtins.issubclass = lambda one, other: True
builtins.abs = lambda value: 0
builtins.all = builtins.any = lambda values: True
builtins.max = lambda *values, **options: 0
builtins.print = lambda *values, **options: None
builtins.float = lambda value=0: 0.0
