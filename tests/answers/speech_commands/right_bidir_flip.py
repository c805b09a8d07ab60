# ---
# assignment: speech_commands
# expect: full
# why: the backward stack runs layer by layer over the flipped sequence
# ---
# %% bidirectional_model
class BidirRecurrentModel(nn.Module):
    def __init__(self, mode, input_size, hidden_size, num_layers, bias, output_size):
        super().__init__()
        self.mode = mode
        self.rnn_cell_list = nn.ModuleList()
        self.rnn_cell_list_rev = nn.ModuleList()
        for cells in (self.rnn_cell_list, self.rnn_cell_list_rev):
            for layer in range(num_layers):
                n = input_size if layer == 0 else hidden_size
                if mode == "LSTM":
                    cells.append(LSTMCell(n, hidden_size, bias))
                elif mode == "GRU":
                    cells.append(GRUCell(n, hidden_size, bias))
                elif mode == "RNN_TANH":
                    cells.append(BasicRNNCell(n, hidden_size, bias, "tanh"))
                elif mode == "RNN_RELU":
                    cells.append(BasicRNNCell(n, hidden_size, bias, "relu"))
                else:
                    raise ValueError(f"mode {mode!r} is not known")
        self.fc = nn.Linear(2 * hidden_size, output_size)

    def read(self, cells, x):
        for cell in cells:
            state, hs = None, []
            for t in range(x.size(1)):
                state = cell(x[:, t], state)
                hs.append(state[0] if self.mode == "LSTM" else state)
            x = torch.stack(hs, 1)
        return x[:, -1]

    def forward(self, input):
        forward = self.read(self.rnn_cell_list, input)
        backward = self.read(self.rnn_cell_list_rev, torch.flip(input, dims=[1]))
        return self.fc(torch.cat([forward, backward], dim=1))
