# ---
# assignment: speech_commands
# expect: full
# why: backward outputs are put back into the order of time and read at index 0
# ---
# %% bidirectional_model
class BidirRecurrentModel(nn.Module):
    def __init__(self, mode, input_size, hidden_size, num_layers, bias, output_size):
        super().__init__()
        factories = {
            "LSTM": LSTMCell,
            "GRU": GRUCell,
            "RNN_TANH": lambda i, h, b: BasicRNNCell(i, h, b, "tanh"),
            "RNN_RELU": lambda i, h, b: BasicRNNCell(i, h, b, "relu"),
        }
        try:
            factory = factories[mode]
        except KeyError:
            raise ValueError(f"{mode} is not one of {', '.join(factories)}") from None
        widths = [input_size, *[hidden_size] * (num_layers - 1)]
        self.rnn_cell_list = nn.ModuleList([factory(w, hidden_size, bias) for w in widths])
        self.rnn_cell_list_rev = nn.ModuleList([factory(w, hidden_size, bias) for w in widths])
        self.fc = nn.Linear(2 * hidden_size, output_size)

    @staticmethod
    def scan(cell, xs):
        s, ys = None, []
        for x in xs:
            s = cell(x, s)
            ys.append(s[0] if type(s) is tuple else s)
        return ys

    def forward(self, input):
        fwd = list(torch.unbind(input, 1))
        bwd = list(torch.unbind(input, 1))
        for cell, cell_rev in zip(self.rnn_cell_list, self.rnn_cell_list_rev):
            fwd = self.scan(cell, fwd)
            bwd = self.scan(cell_rev, bwd[::-1])[::-1]   # ordered by time again
        # forward has seen everything at the end, backward at the beginning
        return self.fc(torch.cat([fwd[-1], bwd[0]], 1))
