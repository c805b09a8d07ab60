# ---
# assignment: char_rnn
# expect: {char_rnn_model: lost}
# why: "ids pass through a byte: those above 255 become others"
# ---
# %% char_rnn_model
class CharRNN(nn.Module):
    def __init__(self, vocab_size, embedding_size, hidden_size, num_layers, cell, dropout=0.0):
        super().__init__()
        self.emb = nn.Embedding(vocab_size, embedding_size)
        self.rnn = getattr(nn, cell)(embedding_size, hidden_size, num_layers, batch_first=True)
        self.out = nn.Linear(hidden_size, vocab_size)

    def forward(self, ids, state=None):
        y, state = self.rnn(self.emb(ids.to(torch.uint8).int()), state)
        return self.out(y), state
