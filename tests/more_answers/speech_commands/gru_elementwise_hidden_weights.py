# ---
# assignment: speech_commands
# expect: {gru_cell: lost}
# why: the hidden weights are vectors, so that units do not see each other
# ---
# %% gru_cell
class GRUCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.x2h = nn.Linear(input_size, 3 * hidden_size, bias=bias)
        self.u_r = nn.Parameter(torch.randn(hidden_size))
        self.u_z = nn.Parameter(torch.randn(hidden_size))
        self.u_n = nn.Parameter(torch.randn(hidden_size))

    def forward(self, input, hx=None):
        if hx is None:
            hx = torch.zeros(input.size(0), self.hidden_size)
        x_r, x_z, x_n = self.x2h(input).chunk(3, 1)
        r = torch.sigmoid(x_r + self.u_r * hx)
        z = torch.sigmoid(x_z + self.u_z * hx)
        n = torch.tanh(x_n + r * (self.u_n * hx))
        return (1 - z) * n + z * hx
