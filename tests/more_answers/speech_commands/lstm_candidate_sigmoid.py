# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# why: the candidate is squashed with the sigmoid like the gates
# ---
# %% lstm_cell
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.x2h = nn.Linear(input_size, 4 * hidden_size, bias=bias)
        self.h2h = nn.Linear(hidden_size, 4 * hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = (input.new_zeros(input.size(0), self.hidden_size), input.new_zeros(input.size(0), self.hidden_size))
        h, c = hx
        i, f, g, o = torch.sigmoid(self.x2h(input) + self.h2h(h)).chunk(4, dim=1)
        cy = f * c + i * g
        hy = o * torch.tanh(cy)
        return hy, cy
