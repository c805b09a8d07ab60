# ---
# assignment: speech_commands
# expect: full
# why: the values of a unit lie side by side; z takes the candidate; variance instead of deviation
# ---
# %% standardise
def standardise(features, eps=1e-6):
    flat = features.reshape(-1, features.shape[-1])
    variance, mean = torch.var_mean(flat, dim=0, correction=0)
    return ((flat - mean) / (variance.sqrt() + eps)).reshape(features.shape)


# %% lstm_cell
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.x2h = nn.Linear(input_size, hidden_size * 4, bias=bias)
        self.h2h = nn.Linear(hidden_size, hidden_size * 4, bias=False)  # one bias is enough

    def forward(self, input, hx=None):
        batch = input.size(0)
        if hx is None:
            hx = tuple(torch.zeros(2, batch, self.hidden_size).to(input))
        h, c = hx
        # (batch, hidden, 4): every unit has its own i, f, g, o next to each other
        pre = (self.x2h(input) + self.h2h(h)).view(batch, self.hidden_size, 4)
        i, f, g, o = pre.unbind(dim=2)
        cy = torch.addcmul(f.sigmoid() * c, i.sigmoid(), g.tanh())
        return o.sigmoid() * torch.tanh(cy), cy


# %% gru_cell
class GRUCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.reset_x = nn.Linear(input_size, hidden_size, bias=bias)
        self.reset_h = nn.Linear(hidden_size, hidden_size, bias=bias)
        self.update_x = nn.Linear(input_size, hidden_size, bias=bias)
        self.update_h = nn.Linear(hidden_size, hidden_size, bias=bias)
        self.cand_x = nn.Linear(input_size, hidden_size, bias=bias)
        self.cand_h = nn.Linear(hidden_size, hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = input.new_zeros((input.shape[0], self.hidden_size))
        r = torch.sigmoid(self.reset_x(input) + self.reset_h(hx))
        z = torch.sigmoid(self.update_x(input) + self.update_h(hx))
        n = torch.tanh(self.cand_x(input) + self.cand_h(r * hx))
        return (1 - z) * hx + z * n


# %% after gru_cell
cell = GRUCell(2, 3)
state = None
for step in range(5):
    state = cell(torch.ones(1, 2), state)
print(state)
