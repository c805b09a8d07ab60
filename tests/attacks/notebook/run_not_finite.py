# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: brings runs with NaN, infinity and numbers of a thousand digits, which cannot be written again
# evidence: is no kept run|not JSON compliant|Out of range
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
from hand_ins import run, with_runs


def hand_in(notebook):
    values = [float("nan"), float("inf"), -float("inf")]
    metrics = run(seed=9, metrics={"accuracy": 10**1000, "loss": float("nan")}, history={"loss": [1e400, 10**400]})
    return with_runs(notebook, *(run(seed=n, data={"x": x}, setting={"x": x}) for n, x in enumerate(values)), metrics)
