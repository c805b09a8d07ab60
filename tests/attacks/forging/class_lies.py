# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: 'returns objects that claim by __class__ and a metaclass to be tensors, arrays, floats and the examiner''s own types'
# evidence: __class__
# ---
# A grader that asks isinstance before it trusts a method of the object.
# %% lstm_cell
class Anything(type):
    def __instancecheck__(cls, instance):
        return True

    def __subclasscheck__(cls, subclass):
        return True


class Impostor(metaclass=Anything):
    claims = [torch.Tensor, float, int, str, tuple, dict, type(None)]

    def __init__(self, tensor):
        self.tensor = tensor

    @property
    def __class__(self):
        self.claims.append(self.claims.pop(0))
        return self.claims[0]

    def __float__(self):
        return 1.0

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
        return Impostor(hy), Impostor(cy)
