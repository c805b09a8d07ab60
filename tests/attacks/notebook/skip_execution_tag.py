# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: tags the test cell skip-execution, so that it is never run and has no output
# evidence: had the tag 'skip-execution'
# ---
# Stock nbgrader 0.9.6 gives full marks for it.
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
from hand_ins import TEST, as_bytes, cell_of, opened


def hand_in(notebook):
    changed = opened(notebook)
    cell_of(changed, TEST).metadata["tags"] = ["skip-execution"]
    return as_bytes(changed)
