# ---
# assignment: char_rnn
# expect: {char_rnn_model: lost}
# why: dropout acts in evaluation, too
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
        hidden, state = self.rnn(self.embedding(ids), state)
        return self.output(nn.functional.dropout(hidden, 0.2)), state
