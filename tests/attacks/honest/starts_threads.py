# ---
# assignment: speech_commands
# expect: full
# why: threads and a pool of them run beside the notebook, one until its end
# ---
# %% after identity
import threading
import time
from concurrent.futures import ThreadPoolExecutor

ticks = []


def tick():
    while True:
        ticks.append(time.time())
        time.sleep(0.05)


threading.Thread(target=tick, daemon=True).start()
torch.set_num_threads(2)
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
        cy = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(cy), cy
# %% after lstm_cell
with ThreadPoolExecutor(4) as pool:
    shapes = list(pool.map(lambda n: LSTMCell(n, n)(torch.zeros(1, n))[0].shape, range(1, 9)))
print(shapes, len(ticks) > 0)
