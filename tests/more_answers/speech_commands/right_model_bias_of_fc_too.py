# ---
# assignment: speech_commands
# expect: full
# why: bias=False also takes the bias of fc, which the visible test of the notebook tells, and no point is lost for
# ---
# %% rnn_model
class RNNModel(nn.Module):
    def __init__(self, mode, input_size, hidden_size, num_layers, bias, output_size):
        super().__init__()
        makers = {"LSTM": LSTMCell, "GRU": GRUCell, "RNN_TANH": BasicRNNCell, "RNN_RELU": BasicRNNCell}
        if mode not in makers:
            raise ValueError(mode)
        extra = {"nonlinearity": mode[4:].lower()} if mode[:3] == "RNN" else {}
        self.mode = mode
        self.rnn_cell_list = nn.ModuleList(
            makers[mode](hidden_size if k else input_size, hidden_size, bias, **extra) for k in range(num_layers)
        )
        self.fc = nn.Linear(hidden_size, output_size, bias=bias)

    def forward(self, input, hx=None):
        states = [None] * len(self.rnn_cell_list) if hx is None else list(hx)
        for t in range(input.size(1)):
            x = input[:, t]
            for k, cell in enumerate(self.rnn_cell_list):
                states[k] = cell(x, states[k])
                x = states[k][0] if self.mode == "LSTM" else states[k]
        return self.fc(x)
