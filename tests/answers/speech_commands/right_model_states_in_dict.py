# ---
# assignment: speech_commands
# expect: full
# why: the layers' states live in a dict that starts empty or from hx
# ---
# %% rnn_model
class RNNModel(nn.Module):
    CELLS = {
        "LSTM": lambda n, h, b: LSTMCell(n, h, b),
        "GRU": lambda n, h, b: GRUCell(n, h, b),
        "RNN_TANH": lambda n, h, b: BasicRNNCell(n, h, b, nonlinearity="tanh"),
        "RNN_RELU": lambda n, h, b: BasicRNNCell(n, h, b, nonlinearity="relu"),
    }

    def __init__(self, mode, input_size, hidden_size, num_layers, bias, output_size):
        super().__init__()
        if mode not in self.CELLS:
            raise ValueError(f"mode must be one of {sorted(self.CELLS)}, not {mode!r}")
        make = self.CELLS[mode]
        sizes = [input_size] + [hidden_size] * (num_layers - 1)
        self.rnn_cell_list = nn.ModuleList(make(n, hidden_size, bias) for n in sizes)
        self.fc = nn.Linear(hidden_size, output_size)

    def forward(self, input, hx=None):
        states = {} if hx is None else dict(enumerate(hx))
        for step in range(input.shape[1]):
            out = input[:, step]
            for i, cell in enumerate(self.rnn_cell_list):
                states[i] = cell(out, states.get(i))
                out = states[i][0] if isinstance(states[i], tuple) else states[i]
        return self.fc(out)
