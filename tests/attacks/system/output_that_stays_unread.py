# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: replaces what is signed, sends replies of its own on the shell's socket and ends with words in no encoding
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
import sys

kernel = get_ipython().kernel
parent = kernel.get_parent()
for content in ({"status": 1}, {"status": None}, {"status": ["ok"]}, [], {}, {"status": "\ud800"}):
    for kind in ("execute_reply", "kernel_info_reply", "status", "x" * 1000):
        for stream in (kernel.shell_stream, kernel.iopub_socket):
            try:
                kernel.session.send(stream, kind, content, parent=parent, ident=kernel._parent_ident)
            except Exception:
                pass
sys.stdout.write("\ud800\udfff\0\x1b[31m\b\b\b\x85\u2028\u202e")
raise ValueError("\ud800\0\x1b]0;title\x07" * 10)
