# ---
# assignment: speech_commands
# expect: {gru_cell: lost}
# why: old state and candidate both get the share z instead of z and 1 - z
# ---
# %% gru_cell
class GRUCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.reset = nn.Linear(input_size + hidden_size, hidden_size, bias=bias)
        self.update = nn.Linear(input_size + hidden_size, hidden_size, bias=bias)
        self.proposal = nn.Linear(input_size + hidden_size, hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = torch.zeros(input.shape[0], self.hidden_size, device=input.device)
        cat = torch.cat([input, hx], 1)
        r = self.reset(cat).sigmoid()
        z = self.update(cat).sigmoid()
        h_new = self.proposal(torch.cat([input, r * hx], 1)).tanh()
        return z * hx + z * h_new
