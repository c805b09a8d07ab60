# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# why: the output gate sees the input but not the hidden state
# ---
# %% lstm_cell
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.xi = nn.Linear(input_size, hidden_size, bias=bias)
        self.hi = nn.Linear(hidden_size, hidden_size, bias=bias)
        self.xf = nn.Linear(input_size, hidden_size, bias=bias)
        self.hf = nn.Linear(hidden_size, hidden_size, bias=bias)
        self.xg = nn.Linear(input_size, hidden_size, bias=bias)
        self.hg = nn.Linear(hidden_size, hidden_size, bias=bias)
        self.xo = nn.Linear(input_size, hidden_size, bias=bias)
        self.ho = nn.Linear(hidden_size, hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            h = c = torch.zeros(input.size(0), self.hidden_size, device=input.device)
        else:
            h, c = hx
        i = torch.sigmoid(self.xi(input) + self.hi(h))
        f = torch.sigmoid(self.xf(input) + self.hf(h))
        g = torch.tanh(self.xg(input) + self.hg(h))
        o = torch.sigmoid(self.xo(input))
        c_new = f * c + i * g
        h_new = o * torch.tanh(c_new)
        return h_new, c_new
