# ---
# assignment: speech_commands
# expect: {gru_cell: lost, standardise: none}
# why: the reset gate is computed but not applied; mean over the batch only
# ---
# %% standardise
def standardise(features, eps=1e-6):
    return (features - features.mean(dim=0)) / (features.std(dim=0) + eps)


# %% gru_cell
class GRUCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.x2h = nn.Linear(input_size, 3 * hidden_size, bias=bias)
        self.h2h = nn.Linear(hidden_size, 3 * hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = input.new_zeros(input.size(0), self.hidden_size)
        x_r, x_z, x_n = self.x2h(input).chunk(3, 1)
        h_r, h_z, h_n = self.h2h(hx).chunk(3, 1)
        r = torch.sigmoid(x_r + h_r)
        z = torch.sigmoid(x_z + h_z)
        n = torch.tanh(x_n + h_n)
        return (1 - z) * n + z * hx
