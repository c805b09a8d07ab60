# ---
# assignment: speech_commands
# expect: full
# why: a layer asks the one below, a base class is made for both models
# ---
# %% rnn_model
class StackedCells(nn.Module):
    @staticmethod
    def cells(mode, input_size, hidden_size, num_layers, bias):
        if mode == "LSTM":
            kind, extra = LSTMCell, {}
        elif mode == "GRU":
            kind, extra = GRUCell, {}
        elif mode == "RNN_TANH":
            kind, extra = BasicRNNCell, dict(nonlinearity="tanh")
        elif mode == "RNN_RELU":
            kind, extra = BasicRNNCell, dict(nonlinearity="relu")
        else:
            raise ValueError(f"Invalid RNN mode selected: {mode!r}")
        cells = [kind(input_size, hidden_size, bias, **extra)]
        cells.extend(kind(hidden_size, hidden_size, bias, **extra) for _ in range(1, num_layers))
        return nn.ModuleList(cells)

    def below(self, cells, layer, x, states):
        if layer < 0:
            return x
        answer = cells[layer](self.below(cells, layer - 1, x, states), states.get(layer))
        states[layer] = answer
        return answer[0] if isinstance(answer, tuple) else answer

    def final(self, cells, sequence, first=None):
        states = dict(enumerate(first)) if first is not None else {}
        h = None
        for t in range(sequence.shape[1]):
            h = self.below(cells, len(cells) - 1, sequence[:, t, :], states)
        return h


class RNNModel(StackedCells):
    def __init__(self, mode, input_size, hidden_size, num_layers, bias, output_size):
        super().__init__()
        self.rnn_cell_list = self.cells(mode, input_size, hidden_size, num_layers, bias)
        self.fc = nn.Linear(hidden_size, output_size)

    def forward(self, input, hx=None):
        return self.fc(self.final(self.rnn_cell_list, input, hx))
# %% bidirectional_model
class BidirRecurrentModel(StackedCells):
    def __init__(self, mode, input_size, hidden_size, num_layers, bias, output_size):
        super().__init__()
        self.rnn_cell_list = self.cells(mode, input_size, hidden_size, num_layers, bias)
        self.rnn_cell_list_rev = self.cells(mode, input_size, hidden_size, num_layers, bias)
        self.fc = nn.Linear(2 * hidden_size, output_size)

    def forward(self, input):
        there = self.final(self.rnn_cell_list, input)
        back = self.final(self.rnn_cell_list_rev, input.flip(1))
        return self.fc(torch.cat((there, back), -1))
