# ---
# assignment: speech_commands
# expect: full
# why: the logistic function as (1 + tanh(a / 2)) / 2, eight separate layers
# ---
# %% lstm_cell
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        for gate in "ifgo":
            setattr(self, f"W_{gate}", nn.Linear(input_size, hidden_size, bias=bias))
            setattr(self, f"U_{gate}", nn.Linear(hidden_size, hidden_size, bias=False))

    @staticmethod
    def squash(a):
        return 0.5 * (1 + torch.tanh(0.5 * a))

    def gate(self, name, x, h):
        return getattr(self, f"W_{name}")(x) + getattr(self, f"U_{name}")(h)

    def forward(self, input, hx=None):
        if hx is None:
            hx = [torch.zeros(input.shape[0], self.hidden_size, device=input.device) for _ in range(2)]
        h, c = hx
        i, f, o = (self.squash(self.gate(k, input, h)) for k in "ifo")
        c_new = torch.stack([f * c, i * torch.tanh(self.gate("g", input, h))]).sum(0)
        h_new = o * torch.tanh(c_new)
        return h_new, c_new
