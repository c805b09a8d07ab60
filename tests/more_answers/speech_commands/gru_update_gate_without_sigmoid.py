# ---
# assignment: speech_commands
# expect: {gru_cell: lost}
# why: the update gate is used without any squashing
# ---
# %% gru_cell
class GRUCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.x2h = nn.Linear(input_size, 3 * hidden_size, bias=bias)
        self.h2h = nn.Linear(hidden_size, 3 * hidden_size, bias=bias)

    def forward(self, input, hx=None):
        h = torch.zeros(input.size(0), self.hidden_size) if hx is None else hx
        xr, xz, xn = torch.split(self.x2h(input), self.hidden_size, dim=1)
        hr, hz, hn = torch.split(self.h2h(h), self.hidden_size, dim=1)
        r = torch.sigmoid(xr + hr)
        z = xz + hz
        n = torch.tanh(xn + r * hn)
        return (1 - z) * n + z * h
