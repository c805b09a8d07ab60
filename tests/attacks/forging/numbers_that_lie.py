# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: returns subclasses of float, int, str and tuple whose methods lie
# evidence: defines __eq__
# ---
# A grader that takes plain numbers and tuples for plain.
# %% lstm_cell
class Number(float):
    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return Number(0)

    __rsub__ = __sub__
    __abs__ = __neg__ = lambda self: Number(0)
    __lt__ = __le__ = __gt__ = __ge__ = __eq__
    __hash__ = float.__hash__

    def __reduce__(self):
        return print, ("unpickled",)


class Pair(tuple):
    def __len__(self):
        return 2

    def __getitem__(self, key):
        return Number(0)

    def __eq__(self, other):
        return True

    __hash__ = tuple.__hash__


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
        return Pair(Number(v) for v in cy.detach().flatten().tolist())
