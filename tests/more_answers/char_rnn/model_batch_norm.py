# ---
# assignment: char_rnn
# expect: {char_rnn_model: lost}
# why: "batch normalisation between states and logits: in training, rows depend on each other and on later characters"
# ---
# %% char_rnn_model
class CharRNN(nn.Module):
    def __init__(self, vocab_size, embedding_size, hidden_size, num_layers, cell, dropout=0.0):
        super().__init__()
        self.emb = nn.Embedding(vocab_size, embedding_size)
        self.rnn = getattr(nn, cell)(embedding_size, hidden_size, num_layers, batch_first=True)
        self.norm = nn.BatchNorm1d(hidden_size)
        self.out = nn.Linear(hidden_size, vocab_size)

    def forward(self, ids, state=None):
        y, state = self.rnn(self.emb(ids), state)
        return self.out(self.norm(y.transpose(1, 2)).transpose(1, 2)), state
