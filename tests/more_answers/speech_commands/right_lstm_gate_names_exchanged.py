# ---
# assignment: speech_commands
# expect: full
# why: what the student calls f gates the candidate and what is called i gates the old state, which is only a matter of names
# ---
# %% lstm_cell
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.i = nn.Linear(input_size + hidden_size, hidden_size, bias=bias)
        self.f = nn.Linear(input_size + hidden_size, hidden_size, bias=bias)
        self.g = nn.Linear(input_size + hidden_size, hidden_size, bias=bias)
        self.o = nn.Linear(input_size + hidden_size, hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            h = torch.zeros(input.size(0), self.hidden_size, device=input.device)
            c = torch.zeros(input.size(0), self.hidden_size, device=input.device)
        else:
            (h, c) = hx
        xh = torch.cat((input, h), 1)
        i = torch.sigmoid(self.i(xh))
        f = torch.sigmoid(self.f(xh))
        g = torch.tanh(self.g(xh))
        o = torch.sigmoid(self.o(xh))
        c_next = f * g + i * c
        h_next = o * torch.tanh(c_next)
        return h_next, c_next
