# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# why: the hidden state is returned in both places
# ---
# %% lstm_cell
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.all_gates = nn.Linear(hidden_size + input_size, 4 * hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            h = torch.zeros(input.size(0), self.hidden_size)
            c = torch.zeros(input.size(0), self.hidden_size)
        else:
            h, c = hx
        i, f, g, o = self.all_gates(torch.cat((h, input), 1)).chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        return h, h
