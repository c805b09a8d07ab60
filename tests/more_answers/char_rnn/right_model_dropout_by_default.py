# ---
# assignment: char_rnn
# expect: full
# why: "the student's choice of dropout is the default"
# ---
# %% char_rnn_model
class CharRNN(nn.Module):
    def __init__(self, vocab_size, embedding_size, hidden_size, num_layers, cell, dropout=0.3):
        super().__init__()
        self.emb = nn.Embedding(vocab_size, embedding_size)
        self.emb_drop = nn.Dropout(dropout)
        self.rnn = getattr(nn, cell)(embedding_size, hidden_size, num_layers, batch_first=True, dropout=dropout)
        self.p = dropout
        self.out = nn.Linear(hidden_size, vocab_size)

    def forward(self, ids, state=None):
        y, state = self.rnn(self.emb_drop(self.emb(ids)), state)
        return self.out(F.dropout(y, self.p, training=self.training)), state
