# ---
# assignment: speech_commands
# expect: full
# why: ls and other commands by subprocess and by the notebook's own signs
# ---
# %% after identity
import subprocess

print(subprocess.run(["ls", "-l"], capture_output=True, text=True).stdout)
!ls | head -3
!python --version
%time sum(range(10_000))
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
%%time
out = subprocess.check_output("echo trained; pwd", shell=True, text=True)
print(out)
