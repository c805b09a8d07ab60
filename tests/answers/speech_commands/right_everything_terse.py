# ---
# assignment: speech_commands
# expect: full
# why: all five exercises in as few lines as possible, cells from one common base class
# ---
# %% lstm_cell
class Cell(nn.Module):
    def __init__(self, i, h, b, k):
        super().__init__()
        self.h, self.A = h, nn.Linear(i + h, k * h, bias=b)

    def zeros(self, x):
        return x.new_zeros(len(x), self.h)

class LSTMCell(Cell):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__(input_size, hidden_size, bias, 4)

    def forward(self, input, hx=None):
        h, c = (self.zeros(input), self.zeros(input)) if hx is None else hx
        o, g, f, i = self.A(torch.cat([h, input], 1)).chunk(4, 1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return o.sigmoid() * c.tanh(), c

# %% gru_cell
class GRUCell(Cell):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__(input_size, hidden_size, bias, 2)
        self.B = nn.Linear(input_size + hidden_size, hidden_size, bias=bias)

    def forward(self, input, hx=None):
        h = self.zeros(input) if hx is None else hx
        r, u = self.A(torch.cat([h, input], 1)).sigmoid().chunk(2, 1)
        return h + u * (self.B(torch.cat([r * h, input], 1)).tanh() - h)

# %% rnn_model
def cells(mode, i, h, n, b):
    make = {"LSTM": LSTMCell, "GRU": GRUCell,
            "RNN_TANH": BasicRNNCell, "RNN_RELU": lambda *a: BasicRNNCell(*a, "relu")}.get(mode)
    if make is None: raise ValueError(f"mode {mode}?")
    return nn.ModuleList(make(h if l else i, h, b) for l in range(n))

def run(cells, xs, hx=None):
    s = list(hx or [None] * len(cells))
    for x in xs:
        for l, cell in enumerate(cells):
            s[l] = cell(x, s[l])
            x = s[l][0] if isinstance(s[l], tuple) else s[l]
    return x

class RNNModel(nn.Module):
    def __init__(self, mode, input_size, hidden_size, num_layers, bias, output_size):
        super().__init__()
        self.rnn_cell_list = cells(mode, input_size, hidden_size, num_layers, bias)
        self.fc = nn.Linear(hidden_size, output_size)

    def forward(self, input, hx=None): return self.fc(run(self.rnn_cell_list, input.unbind(1), hx))

# %% bidirectional_model
class BidirRecurrentModel(nn.Module):
    def __init__(self, mode, input_size, hidden_size, num_layers, bias, output_size):
        super().__init__()
        self.rnn_cell_list, self.rnn_cell_list_rev = (cells(mode, input_size, hidden_size, num_layers, bias) for _ in "fb")
        self.fc = nn.Linear(2 * hidden_size, output_size)

    def forward(self, input):
        xs = input.unbind(1)
        return self.fc(torch.cat([run(self.rnn_cell_list, xs), run(self.rnn_cell_list_rev, xs[::-1])], 1))

# %% training
from helpers.training import evaluate, fit

def train_models(train, validation):
    nets = {}
    for n, M in (("RNN", RNNModel), ("Bidir", BidirRecurrentModel)):
        for m in MODES:
            nets[n, m] = M(m, train[0].shape[2], HIDDEN_SIZE, NUM_LAYERS, True, int(train[1].max()) + 1)
            fit(nets[n, m], train, validation, epochs=EPOCHS, lr=0.003, description=f"{n} {m}")
    return pd.DataFrame([dict(model=n, mode=m, val_accuracy=evaluate(net, validation)[1]) for (n, m), net in nets.items()]), nets
