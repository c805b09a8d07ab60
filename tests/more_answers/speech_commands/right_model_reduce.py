# ---
# assignment: speech_commands
# expect: full
# why: functional, reduce over time, a match statement, zeros made for every layer
# ---
# %% rnn_model
from functools import reduce


class RNNModel(nn.Module):
    def __init__(self, mode, input_size, hidden_size, num_layers, bias, output_size):
        super().__init__()
        match mode:
            case "LSTM":
                self._cell = lambda n: LSTMCell(n, hidden_size, bias)
            case "GRU":
                self._cell = lambda n: GRUCell(n, hidden_size, bias)
            case "RNN_TANH" | "RNN_RELU":
                self._cell = lambda n: BasicRNNCell(n, hidden_size, bias, nonlinearity=mode.split("_")[1].lower())
            case _:
                raise ValueError(mode)
        self.is_lstm = mode == "LSTM"
        self.hidden_size = hidden_size
        first, *rest = [input_size] + [hidden_size] * (num_layers - 1)
        self.rnn_cell_list = nn.ModuleList([self._cell(first)]).extend(map(self._cell, rest))
        self.fc = nn.Linear(hidden_size, output_size)
        nn.init.zeros_(self.fc.bias)
        self.dropout = nn.Dropout(p=0.0)

    def _visible(self, state):
        return state[0] if self.is_lstm else state

    def _zeros(self, input):
        def one():
            return input.new_zeros(input.size(0), self.hidden_size)

        return tuple((one(), one()) if self.is_lstm else one() for _ in self.rnn_cell_list)

    def _step(self, states, x):
        new = ()
        for cell, state in zip(self.rnn_cell_list, states):
            new += (cell(x, state),)
            x = self.dropout(self._visible(new[-1]))
        return new

    def forward(self, input, hx=None):
        last = reduce(self._step, torch.unbind(input, dim=1), tuple(hx) if hx is not None else self._zeros(input))
        return self.fc(self._visible(last[-1]))
