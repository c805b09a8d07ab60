# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: displays data without end, of many types and with updates
# evidence: has a loop without an end
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
from IPython.display import clear_output, display

shown = display({"text/plain": "x"}, raw=True, display_id="flood")
while True:
    display({"text/html": "x" * 100_000, "image/png": "x" * 100_000, "application/x" + "y" * 1000: {}}, raw=True)
    shown.update({"text/plain": "x" * 100_000}, raw=True)
    clear_output(wait=True)
