# ---
# assignment: speech_commands
# expect: full
# why: each layer runs over the whole sequence before the next one starts
# ---
# %% rnn_model
class RNNModel(nn.Module):
    def __init__(self, mode, input_size, hidden_size, num_layers, bias, output_size):
        super().__init__()
        self.mode = mode
        self.num_layers = num_layers
        self.rnn_cell_list = nn.ModuleList()
        for layer in range(num_layers):
            size = input_size if layer == 0 else hidden_size
            if mode == "LSTM":
                cell = LSTMCell(size, hidden_size, bias)
            elif mode == "GRU":
                cell = GRUCell(size, hidden_size, bias)
            elif mode == "RNN_TANH":
                cell = BasicRNNCell(size, hidden_size, bias, "tanh")
            elif mode == "RNN_RELU":
                cell = BasicRNNCell(size, hidden_size, bias, "relu")
            else:
                raise ValueError("Invalid RNN mode selected: " + str(mode))
            self.rnn_cell_list.append(cell)
        self.fc = nn.Linear(hidden_size, output_size)

    def forward(self, input, hx=None):
        sequence = input
        for layer, cell in enumerate(self.rnn_cell_list):
            state = None if hx is None else hx[layer]
            outputs = []
            for t in range(sequence.size(1)):
                state = cell(sequence[:, t], state)
                # the output of an LSTM cell is h, the first of the pair
                outputs.append(state[0] if self.mode == "LSTM" else state)
            sequence = torch.stack(outputs, dim=1)
        return self.fc(sequence[:, -1])
