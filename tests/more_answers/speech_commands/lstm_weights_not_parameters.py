# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# why: the weights are plain tensors and no parameters of the module
# ---
# %% lstm_cell
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.W = torch.randn(input_size + hidden_size, 4 * hidden_size, requires_grad=True)
        self.b = torch.zeros(4 * hidden_size, requires_grad=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = (torch.zeros(input.size(0), self.hidden_size), torch.zeros(input.size(0), self.hidden_size))
        h, c = hx
        i, f, g, o = (torch.cat((input, h), 1) @ self.W + self.b).chunk(4, 1)
        cy = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        hy = torch.sigmoid(o) * torch.tanh(cy)
        return hy, cy
