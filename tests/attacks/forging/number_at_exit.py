# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: publishes the number 4.0 when the kernel ends, when objects are collected, and from a timer
# evidence: comms or kernel sockets
# ---
# Stock nbgrader: whatever arrives with the test cell's header while it runs is the cell's output.
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
import atexit
import threading

kernel = get_ipython().kernel


def publish():
    content = {"execution_count": 99, "data": {"text/plain": "4.0"}, "metadata": {}}
    kernel.session.send(kernel.iopub_socket, "execute_result", content, parent=kernel.get_parent("shell"))


class Late:
    def __del__(self):
        publish()


def again():
    publish()
    timer = threading.Timer(0.01, again)
    timer.daemon = True
    timer.start()


late = Late()
atexit.register(publish)
again()
