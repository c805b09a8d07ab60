# ---
# assignment: sequential_mnist
# expect: full
# why: one torch layer after the other, with dropout between them and layer normalisation
# ---
# %% recurrent_models
class RecurrentModel(nn.Module):
    def __init__(self, kind, hidden_size, num_layers, n_classes):
        super().__init__()
        layer = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[kind]
        sizes = [1] + [hidden_size] * num_layers
        self.stack = nn.ModuleList(layer(a, b, batch_first=True) for a, b in zip(sizes, sizes[1:]))
        self.dropout = nn.Dropout(0.2)
        self.norm = nn.LayerNorm(hidden_size)
        self.fc = nn.Linear(hidden_size, n_classes)

    def forward(self, x):
        for layer in self.stack:
            x, _ = layer(self.dropout(x) if layer is not self.stack[0] else x)
        return self.fc(self.norm(x[:, -1]))


def build_model(kind, hidden_size, num_layers, n_classes):
    if kind not in ("rnn", "gru", "lstm"):
        raise ValueError(f"unknown kind {kind!r}")
    return RecurrentModel(kind, hidden_size, num_layers, n_classes)
