# ---
# assignment: theory
# expect: {gru_network: lost}
# why: packing refuses lengths that are not sorted
# ---
# %% gru_network
class GRUClassifier(nn.Module):
    def __init__(self, vocab_size, embedding_size, hidden_size, n_classes):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embedding_size)
        self.gru = nn.GRU(embedding_size, hidden_size, batch_first=True)
        self.fc = nn.Linear(hidden_size, n_classes)

    def forward(self, ids, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(ids), lengths, batch_first=True)
        _, final = self.gru(packed)
        return self.fc(final[-1])
