# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: returns objects whose __array__, detach, cpu and numpy give another array every time
# evidence: __array__
# ---
# A grader that calls numpy on the student's object once for its shape and once for its values.
# %% lstm_cell
import numpy as np


class Chameleon:
    def __init__(self, tensor):
        self.tensor, self.asked = tensor, 0

    def __array__(self, dtype=None, copy=None):
        self.asked += 1
        return np.full(tuple(self.tensor.shape), np.nan if self.asked % 2 else 0.0, dtype or np.float32)

    __array_priority__ = 1e9

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        return np.zeros(tuple(self.tensor.shape), bool) if ufunc in (np.greater, np.not_equal) else 0.0

    def __array_function__(self, function, types, arguments, options):
        return True

    def detach(self):
        return self

    cpu = detach

    def numpy(self):
        return np.ma.masked_all(tuple(self.tensor.shape), np.float32)

    @property
    def dtype(self):
        return "torch.float32"

    def __getattr__(self, name):
        return getattr(self.tensor, name)


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
        return Chameleon(hy), Chameleon(cy)
