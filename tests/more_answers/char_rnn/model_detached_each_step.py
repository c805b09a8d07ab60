# ---
# assignment: char_rnn
# expect: {char_rnn_model: lost}
# why: the state is detached after every character
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
        logits = []
        for x in self.embedding(ids).split(1, dim=1):
            hidden, state = self.rnn(x, state)
            state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
            logits.append(self.output(hidden))
        return torch.cat(logits, dim=1), state
