# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: sends comm messages, fake replies and states without end on all of the kernel's sockets
# evidence: opens comms or kernel sockets
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
kernel = get_ipython().kernel
while True:
    for kind in ("comm_open", "comm_msg", "status", "execute_reply", "execute_result", "error", "stream"):
        content = {"comm_id": "x", "target_name": "y", "data": "z" * 50_000, "execution_state": "busy"}
        kernel.session.send(kernel.iopub_socket, kind, content, parent=kernel.get_parent())
