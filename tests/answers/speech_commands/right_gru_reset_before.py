# ---
# assignment: speech_commands
# expect: full
# why: the reset gate is applied to h before the hidden matrix
# ---
# %% gru_cell
class GRUCell(nn.Module):
    # Cho et al. 2014: h~ = tanh(W x + U (r * h))
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.Wr, self.Ur = nn.Linear(input_size, hidden_size, bias), nn.Linear(hidden_size, hidden_size, False)
        self.Wz, self.Uz = nn.Linear(input_size, hidden_size, bias), nn.Linear(hidden_size, hidden_size, False)
        self.W, self.U = nn.Linear(input_size, hidden_size, bias), nn.Linear(hidden_size, hidden_size, False)

    def forward(self, input, hx=None):
        h = hx
        if h is None:
            h = torch.zeros(input.size(0), self.hidden_size, device=input.device)
        r = torch.sigmoid(self.Wr(input) + self.Ur(h))
        z = torch.sigmoid(self.Wz(input) + self.Uz(h))
        h_tilde = torch.tanh(self.W(input) + self.U(r * h))
        return z * h + (1 - z) * h_tilde
