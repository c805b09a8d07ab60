# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: publishes the number 4.0 as the result of the test cell from a post_run_cell hook
# evidence: event hooks
# ---
# Stock nbgrader takes an execute_result among the outputs of a test cell for its points; an error output beside it counts first, so
# the hook publishes with the test cell's own header, after every error was taken away.
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
ip = get_ipython()


def publish(result):
    kernel = ip.kernel
    content = {"execution_count": ip.execution_count, "data": {"text/plain": "4.0"}, "metadata": {}}
    kernel.session.send(kernel.iopub_socket, "execute_result", content, parent=kernel.get_parent("shell"))


ip.showtraceback = lambda *arguments, **options: None
ip.events.register("post_run_cell", publish)
