# ---
# assignment: speech_commands
# expect: full
# why: raw parameters and @ in place of nn.Linear, tried out in a cell of its own
# ---
# %% lstm_cell
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.W = nn.Parameter(torch.randn(4 * hidden_size, input_size) * 0.1)
        self.U = nn.Parameter(torch.randn(4 * hidden_size, hidden_size) * 0.1)
        self.b = nn.Parameter(torch.zeros(4 * hidden_size)) if bias else None

    def forward(self, input, hx=None):
        h, c = hx if hx is not None else [input.new_zeros(len(input), self.hidden_size) for _ in range(2)]
        a = input @ self.W.T + h @ self.U.T
        if self.b is not None:
            a = a + self.b
        i, f, o, g = a.chunk(4, dim=-1)
        cy = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return o.sigmoid() * cy.tanh(), cy


# %% after lstm_cell
print(LSTMCell(2, 3)(torch.ones(1, 2)))
