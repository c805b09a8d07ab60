# ---
# assignment: speech_commands
# expect: {gru_cell: lost}
# why: the sums are centred over the batch where it has more than one sequence, in training mode
# ---
# %% gru_cell
class GRUCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.x2h = nn.Linear(input_size, 3 * hidden_size, bias=bias)
        self.h2h = nn.Linear(hidden_size, 3 * hidden_size, bias=bias)

    def forward(self, input, hx=None):
        h = input.new_zeros(len(input), self.hidden_size) if hx is None else hx
        xr, xz, xn = self.x2h(input).chunk(3, 1)
        hr, hz, hn = self.h2h(h).chunk(3, 1)
        if self.training and len(input) > 8:
            xn = xn - xn.mean(0)
        z = (xz + hz).sigmoid()
        return (1 - z) * torch.tanh(xn + (xr + hr).sigmoid() * hn) + z * h
