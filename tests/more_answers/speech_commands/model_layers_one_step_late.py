# ---
# assignment: speech_commands
# expect: {rnn_model: lost}
# why: a layer reads the output that the layer below had one step before
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
            if mode == "LSTM":
                self.rnn_cell_list.append(LSTMCell(size, hidden_size, bias))
            elif mode == "GRU":
                self.rnn_cell_list.append(GRUCell(size, hidden_size, bias))
            elif mode == "RNN_TANH":
                self.rnn_cell_list.append(BasicRNNCell(size, hidden_size, bias, "tanh"))
            elif mode == "RNN_RELU":
                self.rnn_cell_list.append(BasicRNNCell(size, hidden_size, bias, "relu"))
            else:
                raise ValueError(f"unknown mode {mode!r}")
        self.fc = nn.Linear(hidden_size, output_size)

    def forward(self, input, hx=None):
        states = [None] * self.num_layers if hx is None else list(hx)
        for t in range(input.size(1)):
            # new states from the old ones
            old = list(states)
            for layer, cell in enumerate(self.rnn_cell_list):
                if layer == 0:
                    x = input[:, t]
                elif old[layer - 1] is None:
                    x = torch.zeros(input.size(0), self.hidden_size, device=input.device)
                else:
                    x = old[layer - 1][0] if self.mode == "LSTM" else old[layer - 1]
                states[layer] = cell(x, old[layer])
            x = states[-1][0] if self.mode == "LSTM" else states[-1]
        return self.fc(x)
