# ---
# assignment: speech_commands
# expect: full
# why: an added cell compares the answer with the library's cell
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
theirs, ours = nn.LSTMCell(3, 5), LSTMCell(3, 5)
with torch.no_grad():
    ours.x2h.weight.copy_(theirs.weight_ih)
    ours.h2h.weight.copy_(theirs.weight_hh)
    ours.x2h.bias.copy_(theirs.bias_ih)
    ours.h2h.bias.copy_(theirs.bias_hh)
x, hx = torch.randn(7, 3), (torch.randn(7, 5), torch.randn(7, 5))
for mine, expected in zip(ours(x, hx), theirs(x, hx)):
    assert torch.allclose(mine, expected, atol=1e-6)
print("the same")
