# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# why: the input gate is one minus the forget gate as in a GRU
# ---
# %% lstm_cell
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.x2h = nn.Linear(input_size, 3 * hidden_size, bias=bias)
        self.h2h = nn.Linear(hidden_size, 3 * hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = (input.new_zeros(input.size(0), self.hidden_size), input.new_zeros(input.size(0), self.hidden_size))
        h, c = hx
        f, g, o = (self.x2h(input) + self.h2h(h)).chunk(3, 1)
        f = torch.sigmoid(f)
        # what is not forgotten is not overwritten
        cy = f * c + (1 - f) * torch.tanh(g)
        hy = torch.sigmoid(o) * torch.tanh(cy)
        return hy, cy
