# ---
# assignment: speech_commands
# expect: {rnn_model: lost}
# why: an unknown mode silently becomes a tanh network
# ---
# %% rnn_model
class RNNModel(nn.Module):
    def __init__(self, mode, input_size, hidden_size, num_layers, bias, output_size):
        super(RNNModel, self).__init__()
        self.mode = mode
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        sizes = [input_size] + [hidden_size] * (num_layers - 1)
        if mode == 'LSTM':
            cells = [LSTMCell(n, hidden_size, bias) for n in sizes]
        elif mode == 'GRU':
            cells = [GRUCell(n, hidden_size, bias) for n in sizes]
        elif mode == 'RNN_RELU':
            cells = [BasicRNNCell(n, hidden_size, bias, 'relu') for n in sizes]
        else:
            cells = [BasicRNNCell(n, hidden_size, bias, 'tanh') for n in sizes]
        self.rnn_cell_list = nn.ModuleList(cells)
        self.fc = nn.Linear(hidden_size, output_size)

    def init_state(self, batch_size, device):
        h0 = torch.zeros(batch_size, self.hidden_size, device=device)
        if self.mode == 'LSTM':
            return (h0, torch.zeros(batch_size, self.hidden_size, device=device))
        return h0

    def forward(self, input, hx=None):
        # input: (batch, time, features)
        if hx is None:
            hx = [self.init_state(input.size(0), input.device) for _ in range(self.num_layers)]
        seq = [input[:, t, :] for t in range(input.size(1))]
        for l, cell in enumerate(self.rnn_cell_list):
            state = hx[l]
            out = []
            for x_t in seq:
                state = cell(x_t, state)
                h = state[0] if self.mode == 'LSTM' else state
                out.append(h)
            seq = out
        return self.fc(seq[-1])
