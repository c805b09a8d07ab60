# ---
# assignment: speech_commands
# expect: {gru_cell: lost}
# why: the reset gate multiplies the input's part of the candidate instead of the state's
# ---
# %% gru_cell
class GRUCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.Wz = nn.Linear(input_size + hidden_size, hidden_size, bias=bias)
        self.Wr = nn.Linear(input_size + hidden_size, hidden_size, bias=bias)
        self.Wx = nn.Linear(input_size, hidden_size, bias=bias)
        self.Wh = nn.Linear(hidden_size, hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = torch.zeros(input.size(0), self.hidden_size)
        xh = torch.cat((input, hx), dim=1)
        z = torch.sigmoid(self.Wz(xh))
        r = torch.sigmoid(self.Wr(xh))
        n = torch.tanh(r * self.Wx(input) + self.Wh(hx))
        return (1 - z) * n + z * hx
