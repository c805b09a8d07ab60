# ---
# assignment: speech_commands
# expect: full
# why: a cell that the student added holds helpers which both models use
# ---
# %% after gru_cell
def make_stack(mode, input_size, hidden_size, num_layers, bias):
    "list of cells for one direction"
    stack = []
    for k in range(num_layers):
        n = hidden_size if k else input_size
        if mode == "LSTM":
            stack.append(LSTMCell(n, hidden_size, bias))
        elif mode == "GRU":
            stack.append(GRUCell(n, hidden_size, bias))
        elif mode == "RNN_TANH":
            stack.append(BasicRNNCell(n, hidden_size, bias, "tanh"))
        elif mode == "RNN_RELU":
            stack.append(BasicRNNCell(n, hidden_size, bias, "relu"))
        else:
            raise ValueError("mode has to be LSTM, GRU, RNN_TANH or RNN_RELU")
    return nn.ModuleList(stack)


def run_stack(cells, frames, states=None):
    "last hidden state of the last layer; frames: iterable of (batch, features)"
    states = [None] * len(cells) if states is None else [s for s in states]
    for x in frames:
        for k, cell in enumerate(cells):
            states[k] = cell(x, states[k])
            x = states[k]
            if isinstance(x, (tuple, list)):
                x = x[0]
    return x

# %% rnn_model
class RNNModel(nn.Module):
    def __init__(self, mode, input_size, hidden_size, num_layers, bias, output_size):
        super().__init__()
        self.rnn_cell_list = make_stack(mode, input_size, hidden_size, num_layers, bias)
        self.fc = nn.Linear(hidden_size, output_size)

    def forward(self, input, hx=None):
        return self.fc(run_stack(self.rnn_cell_list, input.unbind(1), hx))

# %% bidirectional_model
class BidirRecurrentModel(nn.Module):
    def __init__(self, mode, input_size, hidden_size, num_layers, bias, output_size):
        super().__init__()
        self.rnn_cell_list = make_stack(mode, input_size, hidden_size, num_layers, bias)
        self.rnn_cell_list_rev = make_stack(mode, input_size, hidden_size, num_layers, bias)
        self.fc = nn.Linear(2 * hidden_size, output_size)

    def forward(self, input):
        frames = input.unbind(1)
        there = run_stack(self.rnn_cell_list, frames)
        back = run_stack(self.rnn_cell_list_rev, reversed(frames))
        return self.fc(torch.cat((there, back), dim=1))
