# ---
# assignment: speech_commands
# expect: full
# why: a helper class per gate and a helper method that returns more than the cell does
# ---
# %% lstm_cell
class Gate(nn.Module):
    """act(W x + U h + b)"""

    def __init__(self, n_in, n_hidden, bias, act):
        super().__init__()
        self.W = nn.Linear(n_in, n_hidden, bias=bias)
        self.U = nn.Linear(n_hidden, n_hidden, bias=False)
        self.act = act

    def forward(self, x, h):
        return self.act(self.W(x) + self.U(h))


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.gates = nn.ModuleDict({
            "f": Gate(input_size, hidden_size, bias, torch.sigmoid),
            "i": Gate(input_size, hidden_size, bias, torch.sigmoid),
            "o": Gate(input_size, hidden_size, bias, torch.sigmoid),
            "c": Gate(input_size, hidden_size, bias, torch.tanh),
        })

    def step(self, x, h, c):
        # also returns the gates, I looked at them for the report
        a = {name: gate(x, h) for name, gate in self.gates.items()}
        c = a["f"] * c + a["i"] * a["c"]
        h = a["o"] * torch.tanh(c)
        return h, c, a

    def forward(self, input, hx=None):
        if hx is None:
            hx = (input.new_zeros(input.size(0), self.hidden_size),
                  input.new_zeros(input.size(0), self.hidden_size))
        h, c, _ = self.step(input, *hx)
        return h, c
