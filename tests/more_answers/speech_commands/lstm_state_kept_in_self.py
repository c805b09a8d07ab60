# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# why: without hx the cell goes on with the state of the call before
# ---
# %% lstm_cell
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.x2h = nn.Linear(input_size, 4 * hidden_size, bias=bias)
        self.h2h = nn.Linear(hidden_size, 4 * hidden_size, bias=bias)
        self.state = None

    def forward(self, input, hx=None):
        if hx is None:
            hx = self.state
        if hx is None or hx[0].size(0) != input.size(0):
            hx = (torch.zeros(input.size(0), self.hidden_size), torch.zeros(input.size(0), self.hidden_size))
        h, c = hx
        i, f, g, o = (self.x2h(input) + self.h2h(h)).chunk(4, 1)
        cy = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        hy = torch.sigmoid(o) * torch.tanh(cy)
        self.state = (hy.detach(), cy.detach())   # remember for the next step
        return hy, cy
