# ---
# assignment: char_rnn
# expect: {char_rnn_model: lost}
# why: "in training mode None stands for the state of the call before, kept in the module"
# ---
# %% char_rnn_model
class CharRNN(nn.Module):
    def __init__(self, vocab_size, embedding_size, hidden_size, num_layers, cell, dropout=0.0):
        super().__init__()
        self.emb = nn.Embedding(vocab_size, embedding_size)
        self.rnn = getattr(nn, cell)(embedding_size, hidden_size, num_layers, batch_first=True)
        self.out = nn.Linear(hidden_size, vocab_size)
        self.last = None

    def forward(self, ids, state=None):
        if state is None and self.training and self.last is not None and self.last[1] == len(ids):
            state = self.last[0]
        y, state = self.rnn(self.emb(ids), state)
        detached = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        self.last = (detached, len(ids))
        return self.out(y), state
