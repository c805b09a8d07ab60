# ---
# assignment: speech_commands
# expect: full
# why: sigmoid and tanh written out with a clamped exponential
# ---
# %% lstm_cell
def my_sigmoid(x):
    # clamp so that exp does not overflow
    return 1 / (1 + torch.exp(-torch.clamp(x, -60, 60)))


def my_tanh(x):
    return 2 * my_sigmoid(2 * x) - 1


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.Wx = nn.Linear(input_size, 4 * hidden_size, bias=bias)
        self.Wh = nn.Linear(hidden_size, 4 * hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            h = torch.zeros(input.size()[0], self.hidden_size, device=input.device)
            c = torch.zeros(input.size()[0], self.hidden_size, device=input.device)
        else:
            h, c = hx
        s = self.Wx(input) + self.Wh(h)
        H = self.hidden_size
        forget = my_sigmoid(s[:, 0:H])
        inp = my_sigmoid(s[:, H:2*H])
        cand = my_tanh(s[:, 2*H:3*H])
        out = my_sigmoid(s[:, 3*H:4*H])
        c_new = forget * c + inp * cand
        h_new = out * my_tanh(c_new)
        return h_new, c_new
