# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# why: drops units of hy while in training mode
# ---
# %% lstm_cell
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.x2h = nn.Linear(input_size, 4 * hidden_size, bias=bias)
        self.h2h = nn.Linear(hidden_size, 4 * hidden_size, bias=bias)
        self.drop = nn.Dropout(0.1)

    def forward(self, input, hx=None):
        if hx is None:
            z = input.new_zeros(len(input), self.hidden_size)
            hx = z, z
        h, c = hx
        i, f, g, o = (self.x2h(input) + self.h2h(h)).chunk(4, 1)
        cy = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return self.drop(o.sigmoid() * cy.tanh()), cy
