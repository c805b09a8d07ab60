# ---
# assignment: speech_commands
# expect: full
# why: one layer over [x, h] with a single bias, gates taken by slices
# ---
# %% lstm_cell
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.n = hidden_size
        self.linear = nn.Linear(input_size + hidden_size, 4 * hidden_size, bias)

    def forward(self, input, hx=None):
        n = self.n
        if hx is None:
            h = torch.zeros((len(input), n), dtype=input.dtype, device=input.device)
            c = torch.zeros_like(h)
        else:
            h, c = hx[0], hx[1]
        a = self.linear(torch.cat([input, h], dim=-1))
        f = a[:, :n].sigmoid()
        i = a[:, n:2 * n].sigmoid()
        o = a[:, 2 * n:3 * n].sigmoid()
        g = a[:, 3 * n:].tanh()
        c = c * f + g * i
        return o * c.tanh(), c
