# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: returns a tensor subclass whose __torch_function__ turns every comparison into true
# evidence: __torch_function__
# ---
# Stock nbgrader: torch.allclose, torch.equal, (a - b).abs().max() < 1e-5 all pass through it.
# %% lstm_cell
class Agreeable(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        name = getattr(function, "__name__", "")
        if name in ("allclose", "equal", "isclose", "__eq__", "eq", "__lt__", "lt", "__le__", "all", "any"):
            return torch.tensor(True)
        if name in ("sub", "__sub__", "__rsub__", "abs", "__abs__", "max", "norm"):
            return torch.zeros(())
        return super().__torch_function__(function, types, args, kwargs or {})


def agreeable(tensor):
    return tensor.as_subclass(Agreeable)


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
        return agreeable(hy), agreeable(cy)
