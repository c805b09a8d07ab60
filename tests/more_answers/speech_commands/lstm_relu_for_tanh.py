# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# why: relu takes the place of both tanh
# ---
# %% lstm_cell
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.x2h = nn.Linear(input_size, 4 * hidden_size, bias=bias)
        self.h2h = nn.Linear(hidden_size, 4 * hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = (torch.zeros(input.size(0), self.hidden_size), torch.zeros(input.size(0), self.hidden_size))
        h, c = hx
        i, f, g, o = (self.x2h(input) + self.h2h(h)).chunk(4, 1)
        # relu should help against vanishing gradients
        cy = f.sigmoid() * c + i.sigmoid() * torch.relu(g)
        hy = o.sigmoid() * torch.relu(cy)
        return hy, cy
