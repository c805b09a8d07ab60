# ---
# assignment: speech_commands
# expect: {bidirectional_model: lost}
# why: each layer reads the concatenated outputs of both directions below, as the library does, instead of its own direction only
# ---
# %% bidirectional_model
class BidirRecurrentModel(nn.Module):
    def __init__(self, mode, input_size, hidden_size, num_layers, bias, output_size):
        super().__init__()
        self.mode = mode
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.rnn_cell_list = nn.ModuleList()
        self.rnn_cell_list_rev = nn.ModuleList()
        for layer in range(num_layers):
            size = input_size if layer == 0 else 2 * hidden_size
            self.rnn_cell_list.append(self.make_cell(mode, size, hidden_size, bias))
            self.rnn_cell_list_rev.append(self.make_cell(mode, size, hidden_size, bias))
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

    def run(self, cell, sequence):
        state, outputs = None, []
        for t in range(sequence.size(1)):
            state = cell(sequence[:, t], state)
            outputs.append(state[0] if self.mode == "LSTM" else state)
        return torch.stack(outputs, dim=1)

    def forward(self, input):
        x = input
        for cell, cell_rev in zip(self.rnn_cell_list, self.rnn_cell_list_rev):
            forward_out = self.run(cell, x)
            backward_out = self.run(cell_rev, x.flip(1))
            x = torch.cat([forward_out, backward_out.flip(1)], dim=2)
        last = torch.cat([forward_out[:, -1], backward_out[:, -1]], dim=1)
        return self.fc(last)
