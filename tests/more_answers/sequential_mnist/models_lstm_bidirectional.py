# ---
# assignment: sequential_mnist
# expect: {recurrent_models: lost}
# why: the LSTM reads in both directions, which is another kind
# ---
# %% recurrent_models
class RecurrentModel(nn.Module):
    def __init__(self, kind, hidden_size, num_layers, n_classes):
        super().__init__()
        both = kind == "lstm"
        layer = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[kind]
        self.layers = layer(1, hidden_size, num_layers, batch_first=True, bidirectional=both)
        self.fc = nn.Linear(hidden_size * (2 if both else 1), n_classes)

    def forward(self, x):
        return self.fc(self.layers(x)[0].mean(dim=1))


def build_model(kind, hidden_size, num_layers, n_classes):
    if kind not in ("rnn", "gru", "lstm"):
        raise ValueError(f"unknown kind {kind!r}")
    return RecurrentModel(kind, hidden_size, num_layers, n_classes)
