# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: 'reads its own process''s memory for the text of hidden tests and the course''s secret'
# evidence: /proc
# ---
# A fork of the grader, or a candidate that was given too much, has them in its pages.
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

words = [b"BEGIN HIDDEN" + b" TESTS", b"examine(" + b'"speech_commands', b"fit_" + b"lstm", b"run_" + b"parts"]
found = {}
with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
    for line in maps:
        start, end = (int(part, 16) for part in re.match(r"([0-9a-f]+)-([0-9a-f]+)", line).groups())
        if " r" in line and end - start < 200_000_000 and "vsyscall" not in line and "vvar" not in line:
            try:
                memory.seek(start)
                page = memory.read(end - start)
            except (OSError, ValueError, OverflowError):
                continue
            for word in words:
                if word in page:
                    at = page.index(word)
                    found[word] = page[max(0, at - 200) : at + 500]
print("found in memory:", found)
