# ---
# assignment: speech_commands
# expect: {rnn_model: lost}
# why: the mode is compared with is, which holds only for the very same string object
# ---
# %% rnn_model
class RNNModel(nn.Module):
    def __init__(self, mode, input_size, hidden_size, num_layers, bias, output_size):
        super().__init__()
        self.mode = mode
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.rnn_cell_list = nn.ModuleList()
        for layer in range(num_layers):
            size = input_size if layer == 0 else hidden_size
            if mode is "LSTM":
                self.rnn_cell_list.append(LSTMCell(size, hidden_size, bias))
            elif mode is "GRU":
                self.rnn_cell_list.append(GRUCell(size, hidden_size, bias))
            elif mode is "RNN_TANH":
                self.rnn_cell_list.append(BasicRNNCell(size, hidden_size, bias, "tanh"))
            elif mode is "RNN_RELU":
                self.rnn_cell_list.append(BasicRNNCell(size, hidden_size, bias, "relu"))
            else:
                raise ValueError(f"unknown mode {mode!r}")
        self.fc = nn.Linear(hidden_size, output_size)

    def forward(self, input, hx=None):
        states = [None] * self.num_layers if hx is None else list(hx)
        for t in range(input.size(1)):
            x = input[:, t]
            for layer, cell in enumerate(self.rnn_cell_list):
                states[layer] = cell(x, states[layer])
                x = states[layer][0] if self.mode == "LSTM" else states[layer]
        return self.fc(x)
