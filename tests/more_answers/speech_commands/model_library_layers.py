# ---
# assignment: speech_commands
# expect: {rnn_model: lost}
# why: the library's nn.LSTM, nn.GRU and nn.RNN take the place of the student's cells
# ---
# %% rnn_model
class RNNModel(nn.Module):
    def __init__(self, mode, input_size, hidden_size, num_layers, bias, output_size):
        super().__init__()
        if mode == "LSTM":
            self.rnn = nn.LSTM(input_size, hidden_size, num_layers, bias, batch_first=True)
        elif mode == "GRU":
            self.rnn = nn.GRU(input_size, hidden_size, num_layers, bias, batch_first=True)
        elif mode == "RNN_TANH":
            self.rnn = nn.RNN(input_size, hidden_size, num_layers, "tanh", bias, batch_first=True)
        elif mode == "RNN_RELU":
            self.rnn = nn.RNN(input_size, hidden_size, num_layers, "relu", bias, batch_first=True)
        else:
            raise ValueError(mode)
        self.mode = mode
        self.fc = nn.Linear(hidden_size, output_size)

    def forward(self, input, hx=None):
        if hx is not None:
            hx = tuple(torch.stack(s) for s in zip(*hx)) if self.mode == "LSTM" else torch.stack(list(hx))
        out, _ = self.rnn(input, hx)
        return self.fc(out[:, -1])
