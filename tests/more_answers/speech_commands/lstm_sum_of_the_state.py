# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# why: one trained vector stands in every column of the recurrent matrix
# ---
# %% lstm_cell
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.x2h = nn.Linear(input_size, 4 * hidden_size, bias=bias)
        self.register_buffer("u", torch.zeros(4 * hidden_size, hidden_size))
        self.v = nn.Parameter(torch.zeros(4 * hidden_size, 1))

    def forward(self, input, hx=None):
        if hx is None:
            z = input.new_zeros(len(input), self.hidden_size)
            hx = z, z
        h, c = hx
        i, f, g, o = (self.x2h(input) + h @ (self.u + self.v).T).chunk(4, 1)
        cy = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return o.sigmoid() * cy.tanh(), cy
