# ---
# assignment: speech_commands
# expect: {gru_cell: lost}
# why: one gate serves both as reset and as update gate
# ---
# %% gru_cell
class GRUCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.gate_x = nn.Linear(input_size, hidden_size, bias=bias)
        self.gate_h = nn.Linear(hidden_size, hidden_size, bias=bias)
        self.new_x = nn.Linear(input_size, hidden_size, bias=bias)
        self.new_h = nn.Linear(hidden_size, hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = torch.zeros(input.size(0), self.hidden_size)
        r = torch.sigmoid(self.gate_x(input) + self.gate_h(hx))
        z = torch.sigmoid(self.gate_x(input) + self.gate_h(hx))
        n = torch.tanh(self.new_x(input) + r * self.new_h(hx))
        return (1 - z) * n + z * hx
