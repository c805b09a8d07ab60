# ---
# assignment: speech_commands
# expect: full
# why: the new state by lerp
# ---
# %% gru_cell
class GRUCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.from_x = nn.Linear(input_size, 3 * hidden_size, bias=bias)
        self.from_h = nn.Linear(hidden_size, 3 * hidden_size, bias=bias)

    def forward(self, input, hx=None):
        h = torch.zeros(input.shape[0], self.hidden_size).to(input) if hx is None else hx
        x, s, n = self.hidden_size * 2, self.from_x(input), self.from_h(h)
        r, z = torch.sigmoid(s[:, :x] + n[:, :x]).chunk(2, 1)
        return torch.lerp(torch.tanh(s[:, x:] + r * n[:, x:]), h, z)
