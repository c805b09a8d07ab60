# ---
# assignment: speech_commands
# expect: full
# why: the new state as h + z (n - h), everything from one fused pair of layers
# ---
# %% gru_cell
class GRUCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.H = hidden_size
        self.gates = nn.Linear(input_size + hidden_size, 2 * hidden_size, bias=bias)
        self.candidate_x = nn.Linear(input_size, hidden_size, bias=bias)
        self.candidate_h = nn.Linear(hidden_size, hidden_size, bias=False)

    def forward(self, input, hx=None):
        h = torch.zeros(input.size(0), self.H, device=input.device) if hx is None else hx
        z, r = torch.sigmoid(self.gates(torch.cat([input, h], dim=1))).split(self.H, dim=1)
        n = torch.tanh(self.candidate_x(input) + r * self.candidate_h(h))
        return h + z * (n - h)
