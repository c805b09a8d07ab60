# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: makes empty files and long names without end, which a limit on bytes does not count
# evidence: /dev/shm
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

MORE = 100_000
for place in ("/tmp", "/dev/shm", os.getcwd()):
    try:
        for number in range(MORE):
            os.close(os.open(f"{place}/{number:0200}", os.O_CREAT))
        print("FOUND no limit on the number of files in", place)
    except OSError as error:
        print(place, error.strerror, number)
