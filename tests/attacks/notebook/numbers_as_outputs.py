# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: comes with numbers as the outputs of its cells, which nbgrader reads as points
# evidence: number 1000 as its output
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
from hand_ins import as_bytes, opened
from nbformat.v4 import new_output


def hand_in(notebook):
    changed = opened(notebook)
    for cell in changed.cells:
        cell.outputs, cell.execution_count = [new_output("execute_result", {"text/plain": "1000"})], 1
    return as_bytes(changed)
