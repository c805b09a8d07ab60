# ---
# assignment: theory
# expect: full
# why: each text by itself in a loop, time as the first axis
# ---
# %% gru_network
class GRUClassifier(nn.Module):
    def __init__(self, vocab_size, embedding_size, hidden_size, n_classes):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embedding_size)
        self.gru = nn.GRU(embedding_size, hidden_size)
        self.fc = nn.Linear(hidden_size, n_classes)

    def forward(self, ids, lengths):
        logits = []
        for text, length in zip(ids, lengths):
            _, final = self.gru(self.embedding(text[:length]).unsqueeze(1))
            logits.append(self.fc(final[0, 0]))
        return torch.stack(logits)
