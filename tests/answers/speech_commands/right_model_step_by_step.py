# ---
# assignment: speech_commands
# expect: full
# why: all layers are updated within one time step, states begin as explicit zeros
# ---
# %% rnn_model
class RNNModel(nn.Module):
    def __init__(self, mode, input_size, hidden_size, num_layers, bias, output_size):
        super(RNNModel, self).__init__()
        self.mode = mode
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.output_size = output_size

        self.rnn_cell_list = nn.ModuleList()

        if mode == 'LSTM':
            self.rnn_cell_list.append(LSTMCell(input_size, hidden_size, bias))
            for l in range(1, num_layers):
                self.rnn_cell_list.append(LSTMCell(hidden_size, hidden_size, bias))
        elif mode == 'GRU':
            self.rnn_cell_list.append(GRUCell(input_size, hidden_size, bias))
            for l in range(1, num_layers):
                self.rnn_cell_list.append(GRUCell(hidden_size, hidden_size, bias))
        elif mode == 'RNN_TANH':
            self.rnn_cell_list.append(BasicRNNCell(input_size, hidden_size, bias, 'tanh'))
            for l in range(1, num_layers):
                self.rnn_cell_list.append(BasicRNNCell(hidden_size, hidden_size, bias, 'tanh'))
        elif mode == 'RNN_RELU':
            self.rnn_cell_list.append(BasicRNNCell(input_size, hidden_size, bias, 'relu'))
            for l in range(1, num_layers):
                self.rnn_cell_list.append(BasicRNNCell(hidden_size, hidden_size, bias, 'relu'))
        else:
            raise ValueError("Invalid RNN mode selected.")

        self.fc = nn.Linear(hidden_size, output_size)

    def forward(self, input, hx=None):
        batch = input.size(0)
        if hx is None:
            hidden = []
            for l in range(self.num_layers):
                h0 = torch.zeros(batch, self.hidden_size, device=input.device)
                if self.mode == 'LSTM':
                    hidden.append((h0, torch.zeros_like(h0)))
                else:
                    hidden.append(h0)
        else:
            hidden = list(hx)

        for t in range(input.size(1)):
            x = input[:, t, :]
            for l in range(self.num_layers):
                hidden[l] = self.rnn_cell_list[l](x, hidden[l])
                if self.mode == 'LSTM':
                    x = hidden[l][0]
                else:
                    x = hidden[l]

        return self.fc(x)
