# ---
# assignment: char_rnn
# expect: {char_rnn_model: lost}
# why: two stacks side by side, of which only the first reaches the output
# ---
# %% char_rnn_model
class CharRNN(nn.Module):
    def __init__(self, vocab_size, embedding_size, hidden_size, num_layers, cell):
        super().__init__()
        layers = {"RNN": nn.RNN, "GRU": nn.GRU, "LSTM": nn.LSTM}
        self.embedding = nn.Embedding(vocab_size, embedding_size)
        self.first = layers[cell](embedding_size, hidden_size, batch_first=True)
        self.rest = nn.ModuleList([layers[cell](hidden_size, hidden_size, batch_first=True) for _ in range(num_layers - 1)])
        self.output = nn.Linear(hidden_size, vocab_size)

    def forward(self, ids, state=None):
        state = [None] * (1 + len(self.rest)) if state is None else state
        out, new = self.first(self.embedding(ids), state[0])
        states = [new]
        x = out
        for layer, s in zip(self.rest, state[1:]):
            x, s = layer(x, s)
            states.append(s)
        return self.output(out), states
