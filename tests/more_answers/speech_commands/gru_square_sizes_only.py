# ---
# assignment: speech_commands
# expect: {gru_cell: lost}
# why: input_size and hidden_size are exchanged in one layer
# ---
# %% gru_cell
class GRUCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.W_z = nn.Linear(input_size, hidden_size, bias=bias)
        self.U_z = nn.Linear(hidden_size, hidden_size, bias=bias)
        self.W_r = nn.Linear(input_size, hidden_size, bias=bias)
        self.U_r = nn.Linear(hidden_size, hidden_size, bias=bias)
        self.W_n = nn.Linear(hidden_size, input_size, bias=bias)
        self.U_n = nn.Linear(hidden_size, hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = torch.zeros(input.size(0), self.hidden_size)
        z = torch.sigmoid(self.W_z(input) + self.U_z(hx))
        r = torch.sigmoid(self.W_r(input) + self.U_r(hx))
        n = torch.tanh(self.W_n(input) + r * self.U_n(hx))
        return (1 - z) * n + z * hx
