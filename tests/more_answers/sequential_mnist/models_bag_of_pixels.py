# ---
# assignment: sequential_mnist
# expect: {recurrent_models: lost}
# why: a network without recurrence, averaged over the steps
# ---
# %% recurrent_models
class RecurrentModel(nn.Module):
    def __init__(self, kind, hidden_size, num_layers, n_classes):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(1 if i == 0 else hidden_size, hidden_size) for i in range(num_layers))
        self.fc = nn.Linear(hidden_size, n_classes)

    def forward(self, x):
        for layer in self.layers:
            x = torch.tanh(layer(x))
        return self.fc(x.mean(dim=1))


def build_model(kind, hidden_size, num_layers, n_classes):
    if kind not in ("rnn", "gru", "lstm"):
        raise ValueError(f"unknown kind {kind!r}")
    return RecurrentModel(kind, hidden_size, num_layers, n_classes)
