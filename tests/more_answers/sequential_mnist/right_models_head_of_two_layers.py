# ---
# assignment: sequential_mnist
# expect: full
# why: a head of two layers on the last states of all layers
# ---
# %% recurrent_models
class RecurrentModel(nn.Module):
    def __init__(self, kind, hidden_size, num_layers, n_classes):
        super().__init__()
        layer = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[kind]
        self.layers = layer(1, hidden_size, num_layers)
        features = num_layers * hidden_size
        self.head = nn.Sequential(nn.Linear(features, hidden_size), nn.ReLU(), nn.Linear(hidden_size, n_classes))

    def forward(self, x):
        _, state = self.layers(x.transpose(0, 1))
        h = state[0] if isinstance(state, tuple) else state
        return self.head(h.transpose(0, 1).flatten(start_dim=1))


def build_model(kind, hidden_size, num_layers, n_classes):
    if kind not in ("rnn", "gru", "lstm"):
        raise ValueError(f"unknown kind {kind!r}")
    return RecurrentModel(kind, hidden_size, num_layers, n_classes)
