# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: types commands into the terminal from which grading was started (TIOCSTI, TIOCLINUX)
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
import fcntl
import glob
import os
import termios

for path in ("/dev/tty", "/dev/console", "/dev/tty0", "/dev/tty1", *glob.glob("/dev/pts/*"), "/proc/1/fd/0"):
    try:
        terminal = os.open(path, os.O_RDWR | os.O_NOCTTY)
    except OSError:
        continue
    # Opening ptmx makes a new terminal of its own; any other would be somebody's.
    if os.isatty(terminal) and not path.endswith("ptmx"):
        print("FOUND terminal", path)
        try:
            fcntl.ioctl(terminal, termios.TIOCSTI, b"\n")
            print("FOUND a way to type", path)
        except OSError:
            pass
    os.close(terminal)
for descriptor in range(1024):
    if os.path.lexists(f"/proc/self/fd/{descriptor}") and os.isatty(descriptor):
        print("FOUND inherited terminal", descriptor, os.ttyname(descriptor))
