# ---
# assignment: theory
# expect: full
# why: packed sequences and the final state; a padding index, a linear layer without bias
# ---
# %% gru_network
class GRUClassifier(nn.Module):
    def __init__(self, vocab_size, embedding_size, hidden_size, n_classes):
        super().__init__()
        self.words = nn.Embedding(vocab_size, embedding_size, padding_idx=0)
        self.reader = nn.GRU(embedding_size, hidden_size, batch_first=True)
        self.judge = nn.Linear(hidden_size, n_classes, bias=False)

    def forward(self, ids, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(
            self.words(ids), lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        _, final = self.reader(packed)
        return self.judge(final[-1])
