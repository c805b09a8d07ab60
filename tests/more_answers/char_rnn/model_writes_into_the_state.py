# ---
# assignment: char_rnn
# expect: {char_rnn_model: lost}
# why: "the tensor that was given as the state is overwritten with the new one"
# ---
# %% char_rnn_model
class CharRNN(nn.Module):
    def __init__(self, vocab_size, embedding_size, hidden_size, num_layers, cell, dropout=0.0):
        super().__init__()
        self.emb = nn.Embedding(vocab_size, embedding_size)
        self.rnn = getattr(nn, cell)(embedding_size, hidden_size, num_layers, batch_first=True)
        self.out = nn.Linear(hidden_size, vocab_size)

    def forward(self, ids, state=None):
        y, new = self.rnn(self.emb(ids), state)
        if state is not None:
            for old, now in zip(state, new) if isinstance(state, tuple) else [(state, new)]:
                old.data.copy_(now.data)
        return self.out(y), new
