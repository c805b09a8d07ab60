# ---
# assignment: theory
# expect: {gru_network: lost}
# why: "in training the final states of one batch are where the next batch of that size begins"
# ---
# %% gru_network
class GRUClassifier(nn.Module):
    def __init__(self, vocab_size, embedding_size, hidden_size, n_classes):
        super().__init__()
        self.emb = nn.Embedding(vocab_size, embedding_size)
        self.gru = nn.GRU(embedding_size, hidden_size, batch_first=True)
        self.fc = nn.Linear(hidden_size, n_classes)
        self.h = None

    def forward(self, ids, lengths):
        begin = self.h if self.training and self.h is not None and self.h.shape[1] == len(ids) else None
        states, h = self.gru(self.emb(ids), begin)
        self.h = h.detach()
        return self.fc(states[torch.arange(len(ids)), lengths - 1])
