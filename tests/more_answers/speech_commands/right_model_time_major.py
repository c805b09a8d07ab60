# ---
# assignment: speech_commands
# expect: full
# why: the sequence is turned to time-major and unbound inside
# ---
# %% rnn_model
class RNNModel(nn.Module):
    """Stack of recurrent cells; the logits are read from the last layer's last hidden state."""

    def __init__(self, mode, input_size, hidden_size, num_layers, bias, output_size):
        super().__init__()
        self.mode, self.hidden_size, self.num_layers = mode, hidden_size, num_layers

        def new_cell(n_in):
            if mode == "LSTM":
                return LSTMCell(n_in, hidden_size, bias)
            if mode == "GRU":
                return GRUCell(n_in, hidden_size, bias)
            if mode in ("RNN_TANH", "RNN_RELU"):
                return BasicRNNCell(n_in, hidden_size, bias, mode[4:].lower())
            raise ValueError(f"unknown mode: {mode}")

        cells = [new_cell(input_size)]
        while len(cells) < num_layers:
            cells.append(new_cell(hidden_size))
        self.rnn_cell_list = nn.ModuleList(cells)
        self.fc = nn.Linear(hidden_size, output_size)

    def run_layer(self, cell, steps, state):
        hs = []
        for x in steps:
            state = cell(x, state)
            hs.append(state[0] if self.mode == "LSTM" else state)
        return hs

    def forward(self, input, hx=None):
        steps = input.transpose(0, 1).unbind(0)      # time first
        if hx is None:
            hx = [None] * self.num_layers
        for cell, state in zip(self.rnn_cell_list, hx):
            steps = self.run_layer(cell, steps, state)
        return self.fc(steps[-1])
