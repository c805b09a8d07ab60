# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: 'has the library''s cell compiled by torch.jit, which needs no name any more when it runs'
# evidence: TorchScript
# ---
# The exercise asks for the recurrence by hand.
# %% lstm_cell
source = """
def compute(input, hx: Tuple[Tensor, Tensor], w: Tensor, u: Tensor, a: Optional[Tensor], b: Optional[Tensor]):
    return torch.lstm_cell(input, [hx[0], hx[1]], w, u, a, b)
"""
compute = torch.jit.CompilationUnit(source).compute


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size, self.bias = hidden_size, bias
        self.x2h = nn.Linear(input_size, 4 * hidden_size, bias=bias)
        self.h2h = nn.Linear(hidden_size, 4 * hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = (input.new_zeros(len(input), self.hidden_size),) * 2
        return compute(input, hx, self.x2h.weight, self.h2h.weight, self.x2h.bias, self.h2h.bias)
