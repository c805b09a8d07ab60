# ---
# assignment: char_rnn
# expect: full
# why: one layer at a time, with a norm and dropout between; the states are joined at the end
# ---
# %% char_rnn_model
class CharRNN(nn.Module):
    def __init__(self, vocab_size, embedding_size, hidden_size, num_layers, cell, dropout=0.1):
        super().__init__()
        layer = {"RNN": nn.RNN, "GRU": nn.GRU, "LSTM": nn.LSTM}[cell]
        self.embedding = nn.Embedding(vocab_size, embedding_size)
        self.layers = nn.ModuleList()
        self.norms = nn.ModuleList()
        for k in range(num_layers):
            self.layers.append(layer(embedding_size if k == 0 else hidden_size, hidden_size, batch_first=True))
            self.norms.append(nn.LayerNorm(hidden_size))
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(hidden_size, vocab_size)

    def forward(self, ids, state=None):
        x, new = self.dropout(self.embedding(ids)), []
        for k, (layer, norm) in enumerate(zip(self.layers, self.norms)):
            if state is None:
                old = None
            elif isinstance(state, tuple):
                old = tuple(part[k : k + 1] for part in state)
            else:
                old = state[k : k + 1]
            x, last = layer(x, old)
            new.append(last)
            x = self.dropout(norm(x))
        if isinstance(new[0], tuple):
            return self.output(x), tuple(torch.cat(part) for part in zip(*new))
        return self.output(x), torch.cat(new)
