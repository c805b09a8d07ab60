# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: raises exceptions that lie about their class and cannot be shown, and one without an end
# evidence: your code raised|ended while it was examined|time was up
# ---
# A grader that prints what was raised, or takes some exceptions for its own.
# %% lstm_cell
class CandidateError(BaseException):
    """Named like one of the examiner's."""

    kind = message = where = "passed"

    def __str__(self):
        raise self

    __repr__ = __str__


CandidateError.__name__ = "TimeoutError" * 10_000
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
        if len(input) > 2:
            raise CandidateError from CandidateError()
        i, f, g, o = (self.x2h(input) + self.h2h(h)).chunk(4, 1)
        cy = torch.sigmoid(f) * h + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(cy), cy
