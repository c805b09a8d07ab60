# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# why: the hidden state is read from the cell state before its update
# ---
# %% lstm_cell
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.gates = nn.Linear(input_size + hidden_size, 4 * hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = (torch.zeros(input.size(0), self.hidden_size), torch.zeros(input.size(0), self.hidden_size))
        h, c = hx
        i, f, g, o = self.gates(torch.cat((input, h), 1)).chunk(4, 1)
        hy = torch.sigmoid(o) * torch.tanh(c)
        cy = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return hy, cy
