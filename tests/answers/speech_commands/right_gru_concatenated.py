# ---
# assignment: speech_commands
# expect: full
# why: layers over [x, h] and [x, r * h] with one bias each
# ---
# %% gru_cell
class GRUCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.update_gate = nn.Linear(input_size + hidden_size, hidden_size, bias=bias)
        self.reset_gate = nn.Linear(input_size + hidden_size, hidden_size, bias=bias)
        self.new_state = nn.Linear(hidden_size + input_size, hidden_size, bias=bias)
        self.sigma, self.tanh = nn.Sigmoid(), nn.Tanh()

    def forward(self, input, hx=None):
        if hx is None:
            hx = torch.zeros(input.size(0), self.hidden_size, device=input.device)
        both = torch.cat([input, hx], dim=1)
        u = self.sigma(self.update_gate(both))
        r = self.sigma(self.reset_gate(both))
        c = self.tanh(self.new_state(torch.cat([r * hx, input], dim=1)))
        return u * c + (1.0 - u) * hx
