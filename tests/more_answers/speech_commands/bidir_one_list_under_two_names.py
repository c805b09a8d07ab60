# ---
# assignment: speech_commands
# expect: {bidirectional_model: lost}
# why: rnn_cell_list_rev is the same list as rnn_cell_list
# ---
# %% bidirectional_model
class BidirRecurrentModel(nn.Module):
    def __init__(self, mode, input_size, hidden_size, num_layers, bias, output_size):
        super().__init__()
        self.mode = mode
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.rnn_cell_list = nn.ModuleList()
        for layer in range(num_layers):
            size = input_size if layer == 0 else hidden_size
            self.rnn_cell_list.append(self.make_cell(mode, size, hidden_size, bias))
        self.rnn_cell_list_rev = self.rnn_cell_list
        self.fc = nn.Linear(2 * hidden_size, output_size)

    def make_cell(self, mode, input_size, hidden_size, bias):
        if mode == "LSTM":
            return LSTMCell(input_size, hidden_size, bias)
        if mode == "GRU":
            return GRUCell(input_size, hidden_size, bias)
        if mode == "RNN_TANH":
            return BasicRNNCell(input_size, hidden_size, bias, "tanh")
        if mode == "RNN_RELU":
            return BasicRNNCell(input_size, hidden_size, bias, "relu")
        raise ValueError(f"unknown mode {mode!r}")

    def run(self, cells, sequence):
        for cell in cells:
            state, outputs = None, []
            for t in range(sequence.size(1)):
                state = cell(sequence[:, t], state)
                outputs.append(state[0] if self.mode == "LSTM" else state)
            sequence = torch.stack(outputs, dim=1)
        return sequence

    def forward(self, input):
        forward_out = self.run(self.rnn_cell_list, input)
        backward_out = self.run(self.rnn_cell_list_rev, input.flip(1))
        last = torch.cat([forward_out[:, -1], backward_out[:, -1]], dim=1)
        return self.fc(last)
