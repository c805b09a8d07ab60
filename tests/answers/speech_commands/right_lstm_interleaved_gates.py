# ---
# assignment: speech_commands
# expect: full
# why: the four values of a unit lie side by side in the fused output
# ---
# %% lstm_cell
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.x2h = nn.Linear(input_size, hidden_size * 4, bias=bias)
        self.h2h = nn.Linear(hidden_size, hidden_size * 4, bias=False)  # one bias is enough

    def forward(self, input, hx=None):
        batch = input.size(0)
        if hx is None:
            hx = tuple(torch.zeros(2, batch, self.hidden_size).to(input))
        h, c = hx
        # (batch, hidden, 4): every unit has its own i, f, g, o next to each other
        pre = (self.x2h(input) + self.h2h(h)).view(batch, self.hidden_size, 4)
        i, f, g, o = pre.unbind(dim=2)
        cy = torch.addcmul(f.sigmoid() * c, i.sigmoid(), g.tanh())
        return o.sigmoid() * torch.tanh(cy), cy
