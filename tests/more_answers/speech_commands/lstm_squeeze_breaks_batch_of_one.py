# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# why: squeeze takes the batch axis away when the batch has one element
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
        gates = (self.x2h(input) + self.h2h(h)).view(-1, 4, self.hidden_size)
        i, f, g, o = gates.chunk(4, dim=1)
        i, f, g, o = i.squeeze(), f.squeeze(), g.squeeze(), o.squeeze()
        cy = torch.sigmoid(f) * c.squeeze() + torch.sigmoid(i) * torch.tanh(g)
        hy = torch.sigmoid(o) * torch.tanh(cy)
        return hy, cy
