# ---
# assignment: speech_commands
# expect: full
# why: the reset gate is applied after the hidden matrix and its bias, as in PyTorch
# ---
# %% gru_cell
class GRUCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.x_lin = nn.Linear(input_size, 3 * hidden_size, bias=bias)
        self.h_lin = nn.Linear(hidden_size, 3 * hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = torch.zeros(input.size(0), self.hidden_size).to(input.device)

        # order z, r, n
        x_z, x_r, x_n = self.x_lin(input).chunk(3, 1)
        h_z, h_r, h_n = self.h_lin(hx).chunk(3, 1)

        update = torch.sigmoid(x_z + h_z)
        reset = torch.sigmoid(x_r + h_r)
        new = torch.tanh(x_n + reset * h_n)

        hy = (1 - update) * new + update * hx
        return hy
