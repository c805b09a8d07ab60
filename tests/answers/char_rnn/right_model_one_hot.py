# ---
# assignment: char_rnn
# expect: full
# why: one-hot vectors through a linear layer instead of an embedding; no bias at the output
# ---
# %% char_rnn_model
class CharRNN(nn.Module):
    def __init__(self, vocab_size, embedding_size, hidden_size, num_layers, cell):
        super().__init__()
        self.vocab_size = vocab_size
        self.project = nn.Linear(vocab_size, embedding_size)
        self.recurrent = getattr(nn, cell)(embedding_size, hidden_size, num_layers=num_layers, batch_first=True)
        self.logits = nn.Linear(hidden_size, vocab_size, bias=False)

    def forward(self, ids, state=None):
        x = nn.functional.one_hot(ids, self.vocab_size).float()
        out, state = self.recurrent(self.project(x), state)
        return self.logits(out), state
