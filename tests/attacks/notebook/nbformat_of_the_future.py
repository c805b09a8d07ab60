# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: says that it is of nbformat 5
# evidence: saved in nbformat 5
# ---
# Stock nbgrader 0.9.6 gives no mark for it, with a traceback.
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
        cy = torch.sigmoid(f) * h + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(cy), cy


# %% hand-in
from hand_ins import as_bytes


def hand_in(notebook):
    return as_bytes({**notebook, "nbformat": 5})
