# ---
# assignment: sequential_mnist
# expect: {recurrent_models: lost}
# why: each step begins anew
# ---
# %% recurrent_models
class RecurrentModel(nn.Module):
    def __init__(self, kind, hidden_size, num_layers, n_classes):
        super().__init__()
        cell = {"rnn": nn.RNNCell, "gru": nn.GRUCell, "lstm": nn.LSTMCell}[kind]
        self.kind = kind
        self.cells = nn.ModuleList(cell(1 if i == 0 else hidden_size, hidden_size) for i in range(num_layers))
        self.head = nn.Linear(hidden_size, n_classes)

    def forward(self, x):
        for t in range(x.shape[1]):
            below = x[:, t]
            for cell in self.cells:
                below = cell(below)
                below = below[0] if self.kind == "lstm" else below
        return self.head(below)


def build_model(kind, hidden_size, num_layers, n_classes):
    if kind not in ("rnn", "gru", "lstm"):
        raise ValueError(f"unknown kind {kind!r}")
    return RecurrentModel(kind, hidden_size, num_layers, n_classes)
