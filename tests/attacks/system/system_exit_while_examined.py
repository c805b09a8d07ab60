# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: raises SystemExit, KeyboardInterrupt and GeneratorExit at the examiner's questions
# evidence: ends its process
# ---
# %% lstm_cell
import sys

raised = []


def strike():
    raised.append(1)
    raise (SystemExit(0), KeyboardInterrupt(), GeneratorExit())[len(raised) % 3]


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.x2h = nn.Linear(input_size, 4 * hidden_size, bias=bias)
        self.h2h = nn.Linear(hidden_size, 4 * hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if self.hidden_size != 5:  # not in the visible test, which takes 5
            strike()
        if hx is None:
            hx = (input.new_zeros(len(input), self.hidden_size),) * 2
        h, c = hx
        i, f, g, o = (self.x2h(input) + self.h2h(h)).chunk(4, 1)
        cy = torch.sigmoid(f) * h + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(cy), cy
