# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: brings files of results with NaN, nested without end, and cut off
# evidence: is damaged
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


# %% hand-in
import json

from hand_ins import run, with_files


def hand_in(notebook):
    nan = json.dumps(run(data={"x": float("nan")})).encode()
    texts = [nan, b"[" * 100_000, b"{", b"\xff\xfe", b"9" * 10_000, json.dumps(run(data={"x": "\ud800"})).encode()]
    return with_files(notebook, {f"results/training/{n}.json": text for n, text in enumerate(texts)})
