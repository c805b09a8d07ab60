# ---
# assignment: char_rnn
# expect: {char_rnn_model: lost}
# why: the state is kept in the model and used when none is passed
# ---
# %% char_rnn_model
class CharRNN(nn.Module):
    def __init__(self, vocab_size, embedding_size, hidden_size, num_layers, cell):
        super().__init__()
        layers = {"RNN": nn.RNN, "GRU": nn.GRU, "LSTM": nn.LSTM}
        self.embedding = nn.Embedding(vocab_size, embedding_size)
        self.rnn = layers[cell](embedding_size, hidden_size, num_layers, batch_first=True)
        self.state = None
        self.output = nn.Linear(hidden_size, vocab_size)

    def forward(self, ids, state=None):
        if state is None and self.state is not None:
            state = self.state
        try:
            hidden, state = self.rnn(self.embedding(ids), state)
        except RuntimeError:
            hidden, state = self.rnn(self.embedding(ids))
        self.state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        return self.output(hidden), state
