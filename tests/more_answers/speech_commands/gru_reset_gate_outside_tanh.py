# ---
# assignment: speech_commands
# expect: {gru_cell: lost}
# why: the reset gate multiplies the finished candidate
# ---
# %% gru_cell
class GRUCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.x2h = nn.Linear(input_size, 3 * hidden_size, bias=bias)
        self.h2h = nn.Linear(hidden_size, 3 * hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = torch.zeros(input.size(0), self.hidden_size)
        r, z, n = (self.x2h(input) + self.h2h(hx)).chunk(3, 1)
        r, z = torch.sigmoid(r), torch.sigmoid(z)
        n = r * torch.tanh(n)
        return (1 - z) * n + z * hx
