# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: 'replaces the shell''s run_cell by one that runs nothing and reports success'
# evidence: run_cell
# ---
# Stock nbgrader: the kernel answers ok to every test cell.
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
from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, InteractiveShell


def run_nothing(self, raw_cell, store_history=False, silent=False, shell_futures=True, cell_id=None, **options):
    return ExecutionResult(ExecutionInfo(raw_cell, store_history, silent, shell_futures, cell_id))


shell = type(get_ipython())
for owner in (shell, InteractiveShell, get_ipython()):
    owner.run_cell = run_nothing.__get__(owner) if owner is get_ipython() else run_nothing
