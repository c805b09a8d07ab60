# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# why: the zero state made for a missing hx has the input's width
# ---
# %% lstm_cell
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.linear_x = nn.Linear(input_size, 4 * hidden_size, bias=bias)
        self.linear_h = nn.Linear(hidden_size, 4 * hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = (torch.zeros_like(input), torch.zeros_like(input))
        h, c = hx
        i, f, g, o = (self.linear_x(input) + self.linear_h(h)).chunk(4, 1)
        cy = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        hy = torch.sigmoid(o) * torch.tanh(cy)
        return hy, cy
