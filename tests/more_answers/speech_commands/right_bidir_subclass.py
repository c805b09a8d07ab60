# ---
# assignment: speech_commands
# expect: full
# why: the bidirectional model inherits from the student's own RNNModel
# ---
# %% rnn_model
class RNNModel(nn.Module):
    def __init__(self, mode, input_size, hidden_size, num_layers, bias, output_size):
        super().__init__()
        self.mode = mode
        self.rnn_cell_list = self.make_cells(mode, input_size, hidden_size, num_layers, bias)
        self.fc = nn.Linear(hidden_size, output_size)

    @staticmethod
    def make_cells(mode, input_size, hidden_size, num_layers, bias):
        if mode not in ("LSTM", "GRU", "RNN_TANH", "RNN_RELU"):
            raise ValueError(f"unknown mode {mode}")
        cells = nn.ModuleList()
        for i in range(num_layers):
            args = (input_size if i == 0 else hidden_size, hidden_size, bias)
            if mode == "LSTM":
                cells.append(LSTMCell(*args))
            elif mode == "GRU":
                cells.append(GRUCell(*args))
            else:
                cells.append(BasicRNNCell(*args, nonlinearity="relu" if mode == "RNN_RELU" else "tanh"))
        return cells

    def last_hidden(self, cells, input, hx=None):
        states = list(hx) if hx is not None else [None for _ in cells]
        for x in input.permute(1, 0, 2):
            for i, cell in enumerate(cells):
                states[i] = cell(x, states[i])
                x = states[i][0] if self.mode == "LSTM" else states[i]
        return x

    def forward(self, input, hx=None):
        return self.fc(self.last_hidden(self.rnn_cell_list, input, hx))

# %% bidirectional_model
class BidirRecurrentModel(RNNModel):
    def __init__(self, mode, input_size, hidden_size, num_layers, bias, output_size):
        super().__init__(mode, input_size, hidden_size, num_layers, bias, output_size)
        self.rnn_cell_list_rev = self.make_cells(mode, input_size, hidden_size, num_layers, bias)
        self.fc = nn.Linear(2 * hidden_size, output_size)  # replaces the smaller one

    def forward(self, input):
        fwd = self.last_hidden(self.rnn_cell_list, input)
        bwd = self.last_hidden(self.rnn_cell_list_rev, input.flip(1))
        return self.fc(torch.hstack([fwd, bwd]))
