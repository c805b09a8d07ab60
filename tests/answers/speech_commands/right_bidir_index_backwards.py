# ---
# assignment: speech_commands
# expect: full
# why: both directions advance in one loop, the backward one by an index that counts down
# ---
# %% bidirectional_model
class BidirRecurrentModel(nn.Module):
    def __init__(self, mode, input_size, hidden_size, num_layers, bias, output_size):
        super(BidirRecurrentModel, self).__init__()
        self.mode = mode
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.rnn_cell_list = nn.ModuleList()
        self.rnn_cell_list_rev = nn.ModuleList()

        if mode == 'LSTM':
            for l in range(num_layers):
                self.rnn_cell_list.append(LSTMCell(input_size if l == 0 else hidden_size, hidden_size, bias))
                self.rnn_cell_list_rev.append(LSTMCell(input_size if l == 0 else hidden_size, hidden_size, bias))
        elif mode == 'GRU':
            for l in range(num_layers):
                self.rnn_cell_list.append(GRUCell(input_size if l == 0 else hidden_size, hidden_size, bias))
                self.rnn_cell_list_rev.append(GRUCell(input_size if l == 0 else hidden_size, hidden_size, bias))
        elif mode in ('RNN_TANH', 'RNN_RELU'):
            act = 'tanh' if mode == 'RNN_TANH' else 'relu'
            for l in range(num_layers):
                self.rnn_cell_list.append(BasicRNNCell(input_size if l == 0 else hidden_size, hidden_size, bias, act))
                self.rnn_cell_list_rev.append(BasicRNNCell(input_size if l == 0 else hidden_size, hidden_size, bias, act))
        else:
            raise ValueError('Invalid RNN mode selected.')

        self.fc = nn.Linear(hidden_size * 2, output_size)

    def forward(self, input):
        T = input.size(1)
        h_fwd = [None] * self.num_layers
        h_bwd = [None] * self.num_layers

        for t in range(T):
            x_fwd = input[:, t, :]
            x_bwd = input[:, T - 1 - t, :]
            for l in range(self.num_layers):
                h_fwd[l] = self.rnn_cell_list[l](x_fwd, h_fwd[l])
                h_bwd[l] = self.rnn_cell_list_rev[l](x_bwd, h_bwd[l])
                if self.mode == 'LSTM':
                    x_fwd, x_bwd = h_fwd[l][0], h_bwd[l][0]
                else:
                    x_fwd, x_bwd = h_fwd[l], h_bwd[l]

        out = torch.cat([x_fwd, x_bwd], dim=-1)
        return self.fc(out)
