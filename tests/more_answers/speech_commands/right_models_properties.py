# ---
# assignment: speech_commands
# expect: full
# why: an Enum refuses unknown modes; the lists of cells of the model in both directions are properties of two networks
# ---
# %% rnn_model
from enum import Enum
from functools import partial


class Mode(str, Enum):
    LSTM = "LSTM"
    GRU = "GRU"
    RNN_TANH = "RNN_TANH"
    RNN_RELU = "RNN_RELU"


class RNNModel(nn.Module):
    def __init__(self, mode, input_size, hidden_size, num_layers, bias, output_size):
        super().__init__()
        self.mode = Mode(mode)  # an unknown value is a ValueError
        make = {
            Mode.LSTM: LSTMCell,
            Mode.GRU: GRUCell,
            Mode.RNN_TANH: partial(BasicRNNCell, nonlinearity="tanh"),
            Mode.RNN_RELU: partial(BasicRNNCell, nonlinearity="relu"),
        }[self.mode]
        self.rnn_cell_list = nn.ModuleList(make(n, hidden_size, bias=bias) for n in [input_size] + [hidden_size] * (num_layers - 1))
        self.fc = nn.Linear(hidden_size, output_size)

    def forward(self, input, hx=None):
        states = [None] * len(self.rnn_cell_list) if hx is None else [*hx]
        for x_t in input.unbind(1):
            for layer, cell in enumerate(self.rnn_cell_list):
                states[layer] = cell(x_t, states[layer])
                x_t = states[layer][0] if self.mode is Mode.LSTM else states[layer]
        return self.fc(x_t)


# %% bidirectional_model
class BidirRecurrentModel(nn.Module):
    def __init__(self, mode, input_size, hidden_size, num_layers, bias, output_size):
        super().__init__()
        self.there, self.back = (
            RNNModel(mode, input_size, hidden_size, num_layers, bias, output_size) for _ in range(2)
        )
        self.there.fc = nn.Identity()
        self.back.fc = nn.Identity()
        self.fc = nn.Linear(hidden_size * 2, output_size)

    @property
    def rnn_cell_list(self):
        return self.there.rnn_cell_list

    @property
    def rnn_cell_list_rev(self):
        return self.back.rnn_cell_list

    def forward(self, input):
        return self.fc(torch.cat([self.there(input), self.back(torch.flip(input, dims=(1,)))], dim=1))
