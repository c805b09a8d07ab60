# ---
# assignment: speech_commands
# expect: full
# why: one layer over [x, h] for all gates; the GRU over [x, r * h]
# ---
# %% lstm_cell
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.gates = nn.Linear(input_size + hidden_size, 4 * hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = (input.new_zeros(input.size(0), self.hidden_size), input.new_zeros(input.size(0), self.hidden_size))
        h, c = hx
        z = self.gates(torch.cat((input, h), dim=1))
        f, i, o = torch.sigmoid(z[:, : 3 * self.hidden_size]).split(self.hidden_size, dim=1)
        new_c = f * c + i * torch.tanh(z[:, 3 * self.hidden_size :])
        return o * torch.tanh(new_c), new_c


# %% gru_cell
class GRUCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.update_gate = nn.Linear(input_size + hidden_size, hidden_size, bias=bias)
        self.reset_gate = nn.Linear(input_size + hidden_size, hidden_size, bias=bias)
        self.new_state = nn.Linear(hidden_size + input_size, hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = torch.zeros(input.size(0), self.hidden_size, device=input.device)
        both = torch.cat([input, hx], dim=1)
        u, r = self.update_gate(both).sigmoid(), self.reset_gate(both).sigmoid()
        c = torch.tanh(self.new_state(torch.cat([r * hx, input], dim=1)))
        return u * c + (1.0 - u) * hx
