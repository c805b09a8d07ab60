# ---
# assignment: char_rnn
# expect: full
# why: time first inside, log-probabilities as logits
# ---
# %% char_rnn_model
class CharRNN(nn.Module):
    def __init__(self, vocab_size, embedding_size, hidden_size, num_layers, cell):
        super().__init__()
        self.emb = nn.Embedding(vocab_size, embedding_size)
        if cell == "LSTM":
            self.core = nn.LSTM(embedding_size, hidden_size, num_layers)
        elif cell == "GRU":
            self.core = nn.GRU(embedding_size, hidden_size, num_layers)
        elif cell == "RNN":
            self.core = nn.RNN(embedding_size, hidden_size, num_layers)
        else:
            raise ValueError(cell)
        self.head = nn.Sequential(nn.Linear(hidden_size, vocab_size), nn.LogSoftmax(dim=-1))

    def forward(self, ids, state=None):
        out, state = self.core(self.emb(ids.t()), state)
        return self.head(out).transpose(0, 1), state
