# ---
# assignment: speech_commands
# expect: {gru_cell: lost}
# why: the candidate goes through relu instead of tanh
# ---
# %% gru_cell
import torch.nn.functional as F


class GRUCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.Wr, self.Ur = nn.Linear(input_size, hidden_size, bias), nn.Linear(hidden_size, hidden_size, bias)
        self.Wz, self.Uz = nn.Linear(input_size, hidden_size, bias), nn.Linear(hidden_size, hidden_size, bias)
        self.Wn, self.Un = nn.Linear(input_size, hidden_size, bias), nn.Linear(hidden_size, hidden_size, bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = torch.zeros(input.size(0), self.hidden_size)
        r = torch.sigmoid(self.Wr(input) + self.Ur(hx))
        z = torch.sigmoid(self.Wz(input) + self.Uz(hx))
        n = F.relu(self.Wn(input) + r * self.Un(hx))
        return (1 - z) * n + z * hx
