# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: brings kept weights whose header promises terabytes
# evidence: weights are cut off
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
        cy = torch.sigmoid(f) * h + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(cy), cy


# %% hand-in
from hand_ins import npy, run_with, with_runs, zipped


def hand_in(notebook):
    header = "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000, 1000000)}"
    return with_runs(notebook, run_with(zipped({"w.npy": npy(header)})))
