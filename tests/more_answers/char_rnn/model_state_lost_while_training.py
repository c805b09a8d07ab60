# ---
# assignment: char_rnn
# expect: {char_rnn_model: lost}
# why: "in training mode the given state is not used"
# ---
# %% char_rnn_model
class CharRNN(nn.Module):
    def __init__(self, vocab_size, embedding_size, hidden_size, num_layers, cell, dropout=0.0):
        super().__init__()
        self.emb = nn.Embedding(vocab_size, embedding_size)
        self.rnn = getattr(nn, cell)(embedding_size, hidden_size, num_layers, batch_first=True)
        self.out = nn.Linear(hidden_size, vocab_size)

    def forward(self, ids, state=None):
        y, state = self.rnn(self.emb(ids), None if self.training else state)
        return self.out(y), state
