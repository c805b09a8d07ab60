# ---
# assignment: speech_commands
# expect: full
# why: saves weights, arrays and text in its folder and reads them again
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
import json
from pathlib import Path

import numpy as np

cell = LSTMCell(3, 5)
Path("models").mkdir(exist_ok=True)
torch.save(cell.state_dict(), "models/cell.pt")
again = LSTMCell(3, 5)
again.load_state_dict(torch.load("models/cell.pt"))
np.savez("history.npz", loss=np.linspace(1, 0, 100))
np.save("big.npy", np.zeros(2_000_000))
Path("notes.json").write_text(json.dumps({"loss": float(np.load("history.npz")["loss"][-1])}))
with open("log.txt", "a") as log:
    log.write("done\n")
print(sorted(p.name for p in Path().iterdir()), open("notes.json").read())
# %% file mycode.py
def describe(cell):
    return f"{type(cell).__name__} with {sum(p.numel() for p in cell.parameters())} parameters"
# %% after lstm_cell
import mycode

print(mycode.describe(cell))
