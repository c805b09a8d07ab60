# ---
# assignment: char_rnn
# expect: {char_rnn_model: lost}
# why: of an LSTM only h is returned, c begins at zero in each piece
# ---
# %% char_rnn_model
class CharRNN(nn.Module):
    def __init__(self, vocab_size, embedding_size, hidden_size, num_layers, cell):
        super().__init__()
        layers = {"RNN": nn.RNN, "GRU": nn.GRU, "LSTM": nn.LSTM}
        self.embedding = nn.Embedding(vocab_size, embedding_size)
        self.rnn = layers[cell](embedding_size, hidden_size, num_layers, batch_first=True)
        self.output = nn.Linear(hidden_size, vocab_size)

    def forward(self, ids, state=None):
        if isinstance(self.rnn, nn.LSTM):
            if state is not None:
                state = (state, torch.zeros_like(state))
            hidden, (state, _) = self.rnn(self.embedding(ids), state)
        else:
            hidden, state = self.rnn(self.embedding(ids), state)
        return self.output(hidden), state
