# ---
# assignment: speech_commands
# expect: {gru_cell: lost}
# why: the update gate depends on the input only
# ---
# %% gru_cell
class GRUCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.ir = nn.Linear(input_size, hidden_size, bias=bias)
        self.hr = nn.Linear(hidden_size, hidden_size, bias=bias)
        self.iz = nn.Linear(input_size, hidden_size, bias=bias)
        self.hz = nn.Linear(hidden_size, hidden_size, bias=bias)
        self.in_ = nn.Linear(input_size, hidden_size, bias=bias)
        self.hn = nn.Linear(hidden_size, hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = torch.zeros(input.size(0), self.hidden_size)
        r = torch.sigmoid(self.ir(input) + self.hr(hx))
        z = torch.sigmoid(self.iz(input))
        n = torch.tanh(self.in_(input) + r * self.hn(hx))
        return (1 - z) * n + z * hx
