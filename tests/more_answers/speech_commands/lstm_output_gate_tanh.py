# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# why: only the output gate is squashed with tanh instead of the sigmoid
# ---
# %% lstm_cell
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.lin = nn.Linear(input_size + hidden_size, 4 * hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = (torch.zeros(input.size(0), self.hidden_size), torch.zeros(input.size(0), self.hidden_size))
        h, c = hx
        out = self.lin(torch.cat([input, h], dim=1))
        H = self.hidden_size
        i, f = torch.sigmoid(out[:, :2*H]).chunk(2, 1)
        g, o = torch.tanh(out[:, 2*H:]).chunk(2, 1)
        cy = f * c + i * g
        return o * torch.tanh(cy), cy
