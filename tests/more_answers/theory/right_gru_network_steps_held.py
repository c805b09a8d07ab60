# ---
# assignment: theory
# expect: full
# why: "one step at a time; a text that has ended keeps its state"
# ---
# %% gru_network
class GRUClassifier(nn.Module):
    def __init__(self, vocab_size, embedding_size, hidden_size, n_classes):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embedding_size)
        self.gru = nn.GRU(embedding_size, hidden_size, batch_first=True)
        self.linear = nn.Linear(hidden_size, n_classes)
        self.register_buffer("calls", torch.zeros(1))

    def forward(self, ids, lengths, *, return_state=False):
        h = torch.zeros(1, ids.size(0), self.gru.hidden_size, device=ids.device)
        for t, x in enumerate(self.embedding(ids).unbind(1)):
            _, new = self.gru(x.unsqueeze(1), h)
            h = torch.where((t < lengths)[None, :, None], new, h)
        logits = self.linear(h[0])
        return (logits, h) if return_state else logits
