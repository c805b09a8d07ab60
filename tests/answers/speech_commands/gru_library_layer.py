# ---
# assignment: speech_commands
# expect: {gru_cell: none}
# why: the library's nn.GRU runs over a sequence of length one
# ---
# %% gru_cell
class GRUCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.gru = nn.GRU(input_size, hidden_size, bias=bias, batch_first=True)

    def forward(self, input, hx=None):
        if hx is None:
            hx = torch.zeros(input.size(0), self.hidden_size)
        out, _ = self.gru(input.unsqueeze(1), hx.unsqueeze(0))
        return out[:, 0]
