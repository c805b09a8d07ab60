# ---
# assignment: speech_commands
# expect: {gru_cell: lost}
# why: the reset gate is squashed with tanh instead of the sigmoid
# ---
# %% gru_cell
class GRUCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.x2h = nn.Linear(input_size, 3 * hidden_size, bias=bias)
        self.h2h = nn.Linear(hidden_size, 3 * hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = torch.zeros(input.size(0), self.hidden_size, device=input.device)
        x_r, x_z, x_n = self.x2h(input).chunk(3, 1)
        h_r, h_z, h_n = self.h2h(hx).chunk(3, 1)
        reset_gate = torch.tanh(x_r + h_r)
        update_gate = torch.sigmoid(x_z + h_z)
        new_gate = torch.tanh(x_n + reset_gate * h_n)
        return update_gate * hx + (1 - update_gate) * new_gate
