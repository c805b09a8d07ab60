# ---
# assignment: speech_commands
# expect: {gru_cell: lost}
# why: the candidate becomes the new state without an update gate
# ---
# %% gru_cell
class GRUCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.x2h = nn.Linear(input_size, 2 * hidden_size, bias=bias)
        self.h2h = nn.Linear(hidden_size, 2 * hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = torch.zeros(input.size(0), self.hidden_size)
        xr, xn = self.x2h(input).chunk(2, dim=1)
        hr, hn = self.h2h(hx).chunk(2, dim=1)
        r = torch.sigmoid(xr + hr)
        hy = torch.tanh(xn + r * hn)
        return hy
