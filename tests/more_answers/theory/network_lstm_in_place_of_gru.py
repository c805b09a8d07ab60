# ---
# assignment: theory
# expect: {gru_network: 0.7}
# why: an LSTM reads the text
# ---
# %% gru_network
class GRUClassifier(nn.Module):
    def __init__(self, vocab_size, embedding_size, hidden_size, n_classes):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embedding_size)
        self.gru = nn.LSTM(embedding_size, hidden_size, batch_first=True)
        self.fc = nn.Linear(hidden_size, n_classes)

    def forward(self, ids, lengths):
        states, _ = self.gru(self.embedding(ids))
        rows = torch.arange(len(ids))
        return self.fc(states[rows, lengths - 1])
