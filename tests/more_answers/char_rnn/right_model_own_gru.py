# ---
# assignment: char_rnn
# expect: full
# why: a plain and a gated cell written by hand, an LSTM of torch
# ---
# %% char_rnn_model
class Plain(nn.Module):
    def __init__(self, n_in, n_hidden, gates):
        super().__init__()
        self.n_hidden, self.gated = n_hidden, gates == 3
        self.x = nn.Linear(n_in, gates * n_hidden)
        self.h = nn.Linear(n_hidden, gates * n_hidden)

    def forward(self, inputs, h=None):
        h = inputs.new_zeros(len(inputs), self.n_hidden) if h is None else h
        outputs = []
        for x in inputs.unbind(1):
            if self.gated:
                (xr, xz, xn), (hr, hz, hn) = self.x(x).chunk(3, -1), self.h(h).chunk(3, -1)
                z = torch.sigmoid(xz + hz)
                h = (1 - z) * h + z * torch.tanh(xn + torch.sigmoid(xr + hr) * hn)
            else:
                h = torch.tanh(self.x(x) + self.h(h))
            outputs.append(h)
        return torch.stack(outputs, 1), h


class CharRNN(nn.Module):
    def __init__(self, vocab_size, embedding_size, hidden_size, num_layers, cell):
        super().__init__()
        def layer(n):
            return nn.LSTM(n, hidden_size, batch_first=True) if cell == "LSTM" else Plain(n, hidden_size, 3 if cell == "GRU" else 1)
        self.embedding = nn.Embedding(vocab_size, embedding_size)
        self.layers = nn.ModuleList([layer(embedding_size)] + [layer(hidden_size) for _ in range(num_layers - 1)])
        self.output = nn.Linear(hidden_size, vocab_size)

    def forward(self, ids, state=None):
        x, new = self.embedding(ids), []
        for k, layer in enumerate(self.layers):
            x, s = layer(x, state[k] if state is not None else None)
            new.append(s)
        return self.output(x), new
