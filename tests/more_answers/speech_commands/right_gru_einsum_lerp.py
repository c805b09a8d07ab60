# ---
# assignment: speech_commands
# expect: full
# why: einsum for all three products at once and torch.lerp for the mixture
# ---
# %% gru_cell
class GRUCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        k = 1 / math.sqrt(hidden_size)
        self.kernel = nn.Parameter(torch.empty(3, input_size, hidden_size).uniform_(-k, k))
        self.recurrent = nn.Parameter(torch.empty(3, hidden_size, hidden_size).uniform_(-k, k))
        self.register_parameter("bias_x", nn.Parameter(torch.zeros(3, 1, hidden_size)) if bias else None)
        self.register_parameter("bias_h", nn.Parameter(torch.zeros(3, 1, hidden_size)) if bias else None)

    def forward(self, input, hx=None):
        if hx is None:
            hx = torch.zeros(input.shape[0], self.hidden_size, dtype=input.dtype, device=input.device)
        x = torch.einsum("bi,gih->gbh", input, self.kernel)
        h = torch.einsum("bj,gjh->gbh", hx, self.recurrent)
        if self.bias_x is not None:
            x, h = x + self.bias_x, h + self.bias_h
        reset = torch.sigmoid(x[0] + h[0])
        update = torch.sigmoid(x[1] + h[1])
        new = torch.tanh(x[2] + reset * h[2])
        return torch.lerp(new, hx, update)   # new + update * (hx - new)
