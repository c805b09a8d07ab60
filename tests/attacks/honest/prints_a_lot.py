# ---
# assignment: speech_commands
# expect: full
# why: two megabytes of print, in few and in many pieces, below the limit of a cell
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
        cy = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(cy), cy
# %% after lstm_cell
cell = LSTMCell(4, 4)
for step in range(5_000):
    print(f"step {step:5d} loss {1 / (step + 1):.6f}", flush=step % 1_000 == 0)
print("x" * 1_000_000)
for _ in range(200):
    print(cell(torch.randn(3, 4)))
