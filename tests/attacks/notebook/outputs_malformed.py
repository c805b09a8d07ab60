# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: comes with outputs of wrong types and unknown kinds
# evidence: new cell state does not depend on c
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
from hand_ins import as_bytes, opened


def hand_in(notebook):
    changed = opened(notebook)
    for cell in changed.cells:
        cell.outputs = [
            1,
            {"output_type": "verdict", "points": 4},
            {"output_type": "stream", "name": ["stdout"], "text": {"a": 1}},
            {"output_type": "execute_result", "data": [4], "metadata": "x", "execution_count": "one"},
            {"output_type": "error", "ename": None, "evalue": 3, "traceback": {"a": 1}},
            {"output_type": "display_data", "data": {"text/html": [1, ["<b>"]], "application/json": [[[]]]}},
        ]
    return as_bytes(changed)
