# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: hands in torch.py, numpy.py, helpers.py and answering.py beside the notebook, found before the real ones
# evidence: would hide the module
# ---
# The kernel's own folder is the first on sys.path: `import torch` in the examiner's service is the student's.
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
# %% file torch.py
FORGED = True


def __getattr__(name):
    raise AttributeError(f'forged torch has no {name}')
# %% file numpy.py
FORGED = True
# %% file helpers.py
FORGED = True
# %% file answering.py
def serve(namespace, path):
    print('forged')
# %% file autograder.py
def examine(*arguments):
    return 4.0
