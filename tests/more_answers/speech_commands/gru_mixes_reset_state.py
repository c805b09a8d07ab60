# ---
# assignment: speech_commands
# expect: {gru_cell: lost}
# why: the reset state r * h and not h itself is carried into the mixture
# ---
# %% gru_cell
class GRUCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.rz = nn.Linear(input_size + hidden_size, 2 * hidden_size, bias=bias)
        self.n = nn.Linear(input_size + hidden_size, hidden_size, bias=bias)

    def forward(self, input, hx=None):
        h = hx
        if h is None:
            h = torch.zeros(input.size(0), self.hidden_size)
        r, z = torch.sigmoid(self.rz(torch.cat([input, h], dim=1))).chunk(2, dim=1)
        h = r * h
        n = torch.tanh(self.n(torch.cat([input, h], dim=1)))
        return z * h + (1 - z) * n
