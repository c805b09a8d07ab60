# ---
# assignment: speech_commands
# expect: full
# why: the bias is the weight of a column of ones, a base class with properties does the rest
# ---
# %% lstm_cell
class _Cell(nn.Module):
    n_gates = 1

    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self._sizes = (input_size, hidden_size)
        self._bias = bool(bias)
        std = (input_size + hidden_size) ** -0.5
        rows = input_size + hidden_size + int(self._bias)
        self.theta = nn.Parameter(torch.normal(0.0, std, (rows, self.n_gates * hidden_size)))

    @property
    def hidden_size(self):
        return self._sizes[1]

    def affine(self, *parts):
        if self._bias:
            parts = parts + (torch.ones_like(parts[0][:, :1]),)
        return torch.cat(parts, 1) @ self.theta


class LSTMCell(_Cell):
    n_gates = 4

    def forward(self, input, hx=None):
        assert input.dim() == 2, "input should be (batch, input_size)"
        h, c = hx if hx else (input.new_zeros((len(input), self.hidden_size)),) * 2
        a = self.affine(input, h)
        H = self.hidden_size
        cy = a[:, :H].sigmoid() * c + a[:, H : 2 * H].sigmoid() * a[:, 3 * H :].tanh()
        return a[:, 2 * H : 3 * H].sigmoid().mul(cy.tanh()), cy
