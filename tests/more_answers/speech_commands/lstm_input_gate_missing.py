# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# why: the candidate is added without the input gate
# ---
# %% lstm_cell
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.forget = nn.Linear(input_size + hidden_size, hidden_size, bias=bias)
        self.candidate = nn.Linear(input_size + hidden_size, hidden_size, bias=bias)
        self.output = nn.Linear(input_size + hidden_size, hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            h = input.new_zeros(input.size(0), self.hidden_size)
            c = input.new_zeros(input.size(0), self.hidden_size)
        else:
            h, c = hx
        xh = torch.cat([input, h], 1)
        f = torch.sigmoid(self.forget(xh))
        g = torch.tanh(self.candidate(xh))
        o = torch.sigmoid(self.output(xh))
        cy = f * c + g
        return o * torch.tanh(cy), cy
