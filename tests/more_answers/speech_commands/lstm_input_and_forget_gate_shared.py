# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# why: input and forget gate are computed by the same layers
# ---
# %% lstm_cell
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.x_if = nn.Linear(input_size, hidden_size, bias=bias)
        self.h_if = nn.Linear(hidden_size, hidden_size, bias=bias)
        self.x_g = nn.Linear(input_size, hidden_size, bias=bias)
        self.h_g = nn.Linear(hidden_size, hidden_size, bias=bias)
        self.x_o = nn.Linear(input_size, hidden_size, bias=bias)
        self.h_o = nn.Linear(hidden_size, hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = (torch.zeros(input.size(0), self.hidden_size), torch.zeros(input.size(0), self.hidden_size))
        h, c = hx
        i = torch.sigmoid(self.x_if(input) + self.h_if(h))
        f = torch.sigmoid(self.x_if(input) + self.h_if(h))
        g = torch.tanh(self.x_g(input) + self.h_g(h))
        o = torch.sigmoid(self.x_o(input) + self.h_o(h))
        cy = f * c + i * g
        hy = o * torch.tanh(cy)
        return hy, cy
