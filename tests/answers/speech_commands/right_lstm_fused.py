# ---
# assignment: speech_commands
# expect: full
# why: all four gates from one layer for the input and one for the hidden state, in the order g, i, f, o
# ---
# %% lstm_cell
class LSTMCell(nn.Module):

    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        # one big matrix is faster than four small ones
        self.from_x = nn.Linear(input_size, 4 * hidden_size, bias=bias)
        self.from_h = nn.Linear(hidden_size, 4 * hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            zeros = input.new_zeros(input.size(0), self.hidden_size)
            hx = (zeros, zeros)
        h, c = hx
        g, i, f, o = (self.from_x(input) + self.from_h(h)).chunk(4, dim=1)
        cy = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        hy = torch.sigmoid(o) * torch.tanh(cy)
        return hy, cy
