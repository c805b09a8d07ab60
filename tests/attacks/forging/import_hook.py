# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: puts a finder in front of all others that gives its own autograder, answering and torch.nn
# evidence: sys.meta_path
# ---
# As modules_poisoned, for modules that are imported afresh.
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
import importlib.abc
import importlib.util
import sys


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("autograder", "answering", "helpers"):
            return importlib.util.spec_from_loader(name, self, is_package=True)

    def exec_module(self, module):
        module.examine = lambda *arguments: 4.0
        module.serve = lambda namespace, path: None


sys.meta_path.insert(0, Finder())
for name in [n for n in sys.modules if n.partition(".")[0] in ("autograder", "answering", "helpers")]:
    del sys.modules[name]
