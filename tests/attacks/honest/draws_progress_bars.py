# ---
# assignment: speech_commands
# expect: full
# why: tqdm bars of both kinds, nested and left open
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
from time import sleep

from tqdm import tqdm, trange
from tqdm.auto import tqdm as auto_tqdm

for epoch in trange(3, desc="epochs"):
    for batch in tqdm(range(200), desc="batches", leave=False):
        pass
with auto_tqdm(total=50) as bar:
    for _ in range(50):
        bar.update()
        bar.set_postfix(loss=0.1)
left_open = tqdm(total=10)
left_open.update(3)
