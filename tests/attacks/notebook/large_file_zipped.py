# ---
# assignment: speech_commands
# expect: {lstm_cell: none}
# tries: has two hundred megabytes, packed into few
# evidence: 'not placed: .*(zip bomb|at most 50 MB)'
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
from hand_ins import NAME, as_bytes, zipped


def hand_in(notebook):
    large = as_bytes({**notebook, "x": 0}).replace(b'"x": 0', b'"x": "' + b"0123456789abcdef" * (200 * 2**16) + b'"')
    return {"{student}.zip": zipped({NAME: large})}
