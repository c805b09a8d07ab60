# ---
# assignment: speech_commands
# expect: full
# why: draws figures with matplotlib and shows them
# ---
# %% after identity
%matplotlib inline
import matplotlib.pyplot as plt

plt.rcParams["figure.figsize"] = (6, 3)
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
cell = LSTMCell(1, 1)
h = c = torch.zeros(1, 1)
values = []
with torch.no_grad():
    for step in range(50):
        h, c = cell(torch.sin(torch.tensor([[step / 5.0]])), (h, c))
        values.append(h.item())
fig, axes = plt.subplots(1, 2)
axes[0].plot(values)
axes[0].set_title("the state")
axes[1].hist(values)
plt.show()
for _ in range(5):
    plt.figure()
    plt.imshow(torch.rand(20, 20))
    plt.show()
fig.savefig("state.png")
