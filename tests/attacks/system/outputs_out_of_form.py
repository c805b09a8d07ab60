# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: sends outputs that no notebook may hold, so that the graded notebook cannot be put together, written or shown
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
from IPython.display import display

kernel = get_ipython().kernel
deep = {}
for _ in range(500):
    deep = {"deeper": deep}
wrong = [None, 1, True, [1], {"a": 1}, "\ud800", "\0", float("nan"), [["x"]], deep, 10**400, ["\ud800"]]


def send(kind, content, **parts):
    message = kernel.session.msg(kind, content, parent=kernel.get_parent())
    message.update(parts)
    try:
        kernel.session.send(kernel.iopub_socket, message)
    except Exception:
        pass


for value in wrong:
    send("stream", {"name": "stdout", "text": value})
    send("stream", {"name": "stdout", "text": "words"})
    send("stream", {"name": value, "text": "words"})
    send("error", {"ename": value, "evalue": value, "traceback": value})
    send("error", {"ename": "E", "evalue": "", "traceback": [value]})
    send("clear_output", {"wait": value})
    send("stream", {"name": "stdout", "text": "words"}, parent_header=value)
    send("stream", {"name": "stdout", "text": "words"}, metadata=value)
    send(value, {"name": "stdout", "text": "words"}, msg_type=value)
    for kind in ("display_data", "execute_result"):
        send(kind, {"data": value, "metadata": {}, "execution_count": 1})
        send(kind, {"data": {}, "metadata": value, "execution_count": 1, "transient": value})
        send(kind, {"data": {"text/plain": "x"}, "metadata": {}, "execution_count": value})
        for mime in ("text/plain", "text/html", "image/png", "application/json", "application/x" + "y" * 300, "x", ""):
            send(kind, {"data": {mime: value}, "metadata": {mime: value}, "execution_count": 1})
    for content in (value, {}, {"data": {"text/plain": "x"}}, {"output_type": "stream", "name": "x"}):
        for kind in ("stream", "display_data", "execute_result", "error", "status", "update_display_data"):
            send(kind, content)
display({"application/x": {}}, raw=True)
