# ---
# assignment: theory
# expect: full
# why: the states are gathered by their times
# ---
# %% gru_network
class GRUClassifier(nn.Module):
    def __init__(self, vocab_size, embedding_size, hidden_size, n_classes):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embedding_size)
        self.gru = nn.GRU(embedding_size, hidden_size, batch_first=True)
        self.fc = nn.Linear(hidden_size, n_classes)

    def forward(self, ids, lengths):
        states, _ = self.gru(self.embedding(ids))
        last = (lengths - 1).view(-1, 1, 1).expand(-1, 1, states.size(2))
        return self.fc(states.gather(1, last).squeeze(1))
