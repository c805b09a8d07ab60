# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: opens comms and sends verdicts, widget states and update_display_data on them
# evidence: comms or kernel sockets
# ---
# A front end or grader that has a comm target of that name carries out what comes.
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
kernel = get_ipython().kernel
verdict = {"student": "@STUDENT@", "exercise": "lstm_cell", "points": 4.0, "max": 4.0, "status": "passed", "tamper": []}
for target in ("coursework", "nbgrader", "autograder.verdict", "jupyter.widget"):
    content = {"comm_id": "0" * 32, "target_name": target, "data": verdict}
    for kind in ("comm_open", "comm_msg", "comm_close", "update_display_data", "input_request", "shutdown_reply"):
        body = content if kind.startswith("comm") else {"data": {"text/plain": "4.0"}, "metadata": {}, "transient": {}, **verdict}
        kernel.session.send(kernel.iopub_socket, kind, body, parent=kernel.get_parent("shell"))
