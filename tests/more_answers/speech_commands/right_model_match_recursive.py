# ---
# assignment: speech_commands
# expect: full
# why: cells chosen by match, layers called recursively from the top
# ---
# %% rnn_model
class RNNModel(nn.Module):
    def __init__(self, mode, input_size, hidden_size, num_layers, bias, output_size):
        super().__init__()
        self.is_lstm = mode == "LSTM"
        n, cells = input_size, []
        for _ in range(num_layers):
            match mode:
                case "LSTM": cells += [LSTMCell(n, hidden_size, bias)]
                case "GRU": cells += [GRUCell(n, hidden_size, bias)]
                case "RNN_TANH": cells += [BasicRNNCell(n, hidden_size, bias, "tanh")]
                case "RNN_RELU": cells += [BasicRNNCell(n, hidden_size, bias, "relu")]
                case _: raise ValueError(mode)
            n = hidden_size
        self.rnn_cell_list = nn.ModuleList(cells)
        self.fc = nn.Linear(hidden_size, output_size)

    def sequence(self, depth, input, hx):
        """hidden states (list over time) of layer `depth`; depth -1 is the input itself"""
        if depth < 0:
            return [input[:, t, :] for t in range(input.shape[1])]
        below = self.sequence(depth - 1, input, hx)
        state = hx[depth] if hx is not None else None
        result = []
        for x in below:
            state = self.rnn_cell_list[depth](x, state)
            result.append(state[0] if self.is_lstm else state)
        return result

    def forward(self, input, hx=None):
        return self.fc(self.sequence(len(self.rnn_cell_list) - 1, input, hx)[-1])
