# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# why: the forget gate multiplies h instead of c
# ---
# %% lstm_cell
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.Wx = nn.Linear(input_size, hidden_size * 4, bias=bias)
        self.Wh = nn.Linear(hidden_size, hidden_size * 4, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = [torch.zeros(input.size(0), self.hidden_size).to(input.device) for _ in range(2)]
        h_t, c_t = hx
        f, i, o, c_hat = torch.split(self.Wx(input) + self.Wh(h_t), self.hidden_size, dim=1)
        c_next = torch.sigmoid(f) * h_t + torch.sigmoid(i) * torch.tanh(c_hat)
        h_next = torch.sigmoid(o) * torch.tanh(c_next)
        return h_next, c_next
