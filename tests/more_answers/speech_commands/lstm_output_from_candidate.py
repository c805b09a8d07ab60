# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# why: candidate and cell state are mixed up, the output gate lets the candidate through
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
            hx = (torch.zeros(input.size(0), self.hidden_size), torch.zeros(input.size(0), self.hidden_size))
        h, c = hx
        i, f, c_tilde, o = (self.x2h(input) + self.h2h(h)).chunk(4, 1)
        c_tilde = torch.tanh(c_tilde)
        cy = torch.sigmoid(f) * c + torch.sigmoid(i) * c_tilde
        hy = torch.sigmoid(o) * c_tilde
        return hy, cy
