# ---
# assignment: speech_commands
# expect: {gru_cell: lost}
# why: the update gate is a single number for all hidden units
# ---
# %% gru_cell
class GRUCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.reset = nn.Linear(input_size + hidden_size, hidden_size, bias=bias)
        self.update = nn.Linear(input_size + hidden_size, 1, bias=bias)
        self.new_x = nn.Linear(input_size, hidden_size, bias=bias)
        self.new_h = nn.Linear(hidden_size, hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = torch.zeros(input.size(0), self.hidden_size)
        xh = torch.cat([input, hx], dim=1)
        r = torch.sigmoid(self.reset(xh))
        z = torch.sigmoid(self.update(xh))      # between 0 and 1
        n = torch.tanh(self.new_x(input) + r * self.new_h(hx))
        return (1 - z) * n + z * hx
