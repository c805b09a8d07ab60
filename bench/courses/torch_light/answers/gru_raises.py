# ---
# assignment: speech_commands
# expect: {gru_cell: none}
# why: the sizes of the matrices do not fit, so every call raises
# ---
# %% gru_cell
class GRUCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.layer = nn.Linear(input_size + hidden_size, 3 * hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = input.new_zeros(len(input), self.hidden_size)
        r, z, n = self.layer(torch.cat([input, hx, hx], dim=1)).chunk(3, dim=1)
        return (1 - z.sigmoid()) * torch.tanh(n * r) + z.sigmoid() * hx
