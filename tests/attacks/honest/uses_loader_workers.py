# ---
# assignment: speech_commands
# expect: full
# why: a DataLoader with two workers feeds the cell
# ---
# %% lstm_cell
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.x2h = nn.Linear(input_size, 4 * hidden_size, bias=bias)
        self.h2h = nn.Linear(hidden_size, 4 * hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = (input.new_zeros(len(input), self.hidden_size),) * 2
        h, c = hx
        i, f, g, o = (self.x2h(input) + self.h2h(h)).chunk(4, 1)
        cy = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(cy), cy
# %% after lstm_cell
from torch.utils.data import DataLoader, TensorDataset

data = TensorDataset(torch.randn(64, 3), torch.randint(0, 2, (64,)))
cell = LSTMCell(3, 5)
for x, y in DataLoader(data, batch_size=16, shuffle=True, num_workers=2):
    h, c = cell(x)
persistent = DataLoader(data, batch_size=16, num_workers=2, persistent_workers=True)
print(sum(len(x) for x, y in persistent))
