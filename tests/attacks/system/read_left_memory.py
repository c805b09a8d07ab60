# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: searches its own memory for what the process that it was forked from knew of other students and of the course
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
import re
import sys

# A class around the first letter, so that the search does not find what it searches for in its own pattern.
names = ["[A]NOTHER-STUDENTS-FILE-", "[S]ubmissionVerdict", "[S]ocketCandidate"]
names += ["[g]radebook.db", "[B]EGIN HIDDEN TESTS", "[e]xpected_points"]
signs = [re.compile(name.encode()) for name in names]
if [name for name in sys.modules if name.startswith("autograder")]:
    print("FOUND the autograder among the modules")
with open("/proc/self/mem", "rb", buffering=0) as memory:
    for line in open("/proc/self/maps"):
        first, last, rights = re.match(r"(\w+)-(\w+) (\S+)", line).groups()
        if not rights.startswith("rw"):
            continue
        try:
            memory.seek(int(first, 16))
            block = memory.read(int(last, 16) - int(first, 16))
        except (OSError, ValueError, OverflowError, MemoryError):
            continue
        for sign in signs:
            found = sign.search(block)
            if found:
                print("FOUND in memory", block[found.start() : found.start() + 60])
        del block
