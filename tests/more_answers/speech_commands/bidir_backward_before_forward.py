# ---
# assignment: speech_commands
# expect: {bidirectional_model: lost}
# why: the states are concatenated as [backward, forward]
# ---
# %% bidirectional_model
class BidirRecurrentModel(nn.Module):
    def __init__(self, mode, input_size, hidden_size, num_layers, bias, output_size):
        super(BidirRecurrentModel, self).__init__()
        self.mode = mode
        self.num_layers = num_layers
        sizes = [input_size] + [hidden_size] * (num_layers - 1)
        if mode == 'LSTM':
            new = lambda n: LSTMCell(n, hidden_size, bias)
        elif mode == 'GRU':
            new = lambda n: GRUCell(n, hidden_size, bias)
        elif mode == 'RNN_TANH':
            new = lambda n: BasicRNNCell(n, hidden_size, bias, 'tanh')
        elif mode == 'RNN_RELU':
            new = lambda n: BasicRNNCell(n, hidden_size, bias, 'relu')
        else:
            raise ValueError('Invalid RNN mode selected.')
        self.rnn_cell_list = nn.ModuleList([new(n) for n in sizes])
        self.rnn_cell_list_rev = nn.ModuleList([new(n) for n in sizes])
        self.fc = nn.Linear(hidden_size * 2, output_size)

    def forward(self, input):
        T = input.size(1)
        fwd = [None] * self.num_layers
        bwd = [None] * self.num_layers
        for t in range(T):
            x = input[:, t]
            for l in range(self.num_layers):
                fwd[l] = self.rnn_cell_list[l](x, fwd[l])
                x = fwd[l][0] if self.mode == 'LSTM' else fwd[l]
        for t in reversed(range(T)):
            x_rev = input[:, t]
            for l in range(self.num_layers):
                bwd[l] = self.rnn_cell_list_rev[l](x_rev, bwd[l])
                x_rev = bwd[l][0] if self.mode == 'LSTM' else bwd[l]
        return self.fc(torch.cat((x_rev, x), 1))
