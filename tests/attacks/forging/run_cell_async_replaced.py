# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: replaces run_cell_async, run_code and run_ast_nodes by ones that do nothing
# evidence: run_cell_async
# ---
# Stock nbgrader: this is the way that ipykernel takes to run a cell.
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
from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult

ip = get_ipython()


async def run_nothing(raw_cell, store_history=False, silent=False, shell_futures=True, *rest, **options):
    return ExecutionResult(ExecutionInfo(raw_cell, store_history, silent, shell_futures, None))


async def no_code(*arguments, **options):
    return False


ip.run_cell_async = run_nothing
ip.run_code = no_code
ip.run_ast_nodes = no_code
ip.should_run_async = lambda *arguments, **options: True
