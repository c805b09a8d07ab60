# ---
# assignment: speech_commands
# expect: full
# why: sigmoid through tanh and tanh through exponentials, gates in the order n, r, z
# ---
# %% gru_cell
class GRUCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.x2h = nn.Linear(input_size, 3 * hidden_size, bias=bias)
        self.h2h = nn.Linear(hidden_size, 3 * hidden_size, bias=bias)

    @staticmethod
    def tanh(a):
        # (e^2a - 1) / (e^2a + 1), the clamp keeps exp from overflowing
        return 1 - 2 / (torch.exp((2 * a).clamp(-40, 40)) + 1)

    def sigmoid(self, a):
        return 0.5 + 0.5 * torch.tanh(a / 2)

    def forward(self, input, hx=None):
        if hx is None:
            hx = torch.zeros(len(input), self.hidden_size, device=input.device)
        nx, rx, zx = self.x2h(input).split(self.hidden_size, dim=1)
        nh, rh, zh = self.h2h(hx).split(self.hidden_size, dim=1)
        r = self.sigmoid(rx + rh)
        z = self.sigmoid(zx + zh)
        n = self.tanh(nx + r * nh)
        return n - z * n + z * hx
