# ---
# assignment: speech_commands
# expect: full
# why: convolutions of kernel size one in place of linear layers
# ---
# %% lstm_cell
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.x_conv = nn.Conv1d(input_size, 4 * hidden_size, kernel_size=1, bias=False)
        self.h_conv = nn.Conv1d(hidden_size, 4 * hidden_size, kernel_size=1, bias=bias)

    def forward(self, input, hx=None):
        batch = input.size(0)
        if hx is None:
            hx = torch.zeros(2, batch, self.hidden_size, dtype=input.dtype, device=input.device).unbind(0)
        h, c = hx
        sums = (self.x_conv(input.unsqueeze(2)) + self.h_conv(h.unsqueeze(2))).squeeze(2)
        g, o, f, i = sums.reshape(batch, 4, self.hidden_size).permute(1, 0, 2)
        cy = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        hy = torch.sigmoid(o) * torch.tanh(cy)
        return hy, cy
