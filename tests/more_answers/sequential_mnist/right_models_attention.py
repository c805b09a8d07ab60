# ---
# assignment: sequential_mnist
# expect: full
# why: states weighted by attention over time
# ---
# %% recurrent_models
class RecurrentModel(nn.Module):
    def __init__(self, kind, hidden_size, num_layers, n_classes):
        super().__init__()
        layer = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[kind]
        self.layers = layer(1, hidden_size, num_layers, batch_first=True)
        self.fc = nn.Linear(hidden_size, n_classes)
        self.score = nn.Linear(hidden_size, 1)

    def forward(self, x):
        outputs, _ = self.layers(x)
        weights = torch.softmax(self.score(outputs), dim=1)
        return self.fc((weights * outputs).sum(dim=1))


def build_model(kind, hidden_size, num_layers, n_classes):
    if kind not in ("rnn", "gru", "lstm"):
        raise ValueError(f"unknown kind {kind!r}")
    return RecurrentModel(kind, hidden_size, num_layers, n_classes)
