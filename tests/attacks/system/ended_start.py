# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: hands in modules under the names of those that a kernel imports while it starts, which end its process
# evidence: code.py
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

# %% after lstm_cell
print("ready")
# %% file code.py
import os

os._exit(1)
# %% file cmd.py
import os

os._exit(1)
# %% file pdb.py
import os

os._exit(1)
# %% file debugpy/__init__.py
import os

os._exit(1)
# %% file xmlrpc/__init__.py
import os

os._exit(1)
# %% file faulthandler.py
import os

os._exit(1)
# %% file pydoc.py
import os

os._exit(1)
