# ---
# assignment: sequential_mnist
# expect: full
# why: torch's cells, unrolled by hand, in a list
# ---
# %% recurrent_models
class RecurrentModel(nn.Module):
    def __init__(self, kind, hidden_size, num_layers, n_classes):
        super().__init__()
        cell = {"rnn": nn.RNNCell, "gru": nn.GRUCell, "lstm": nn.LSTMCell}[kind]
        self.kind, self.hidden_size = kind, hidden_size
        self.cells = nn.ModuleList(cell(1 if i == 0 else hidden_size, hidden_size) for i in range(num_layers))
        self.head = nn.Linear(hidden_size, n_classes)

    def forward(self, x):
        zeros = x.new_zeros(len(x), self.hidden_size)
        states = [(zeros, zeros) if self.kind == "lstm" else zeros for _ in self.cells]
        for t in range(x.shape[1]):
            below = x[:, t]
            for i, cell in enumerate(self.cells):
                states[i] = cell(below, states[i])
                below = states[i][0] if self.kind == "lstm" else states[i]
        return self.head(below)


def build_model(kind, hidden_size, num_layers, n_classes):
    if kind not in ("rnn", "gru", "lstm"):
        raise ValueError(f"unknown kind {kind!r}")
    return RecurrentModel(kind, hidden_size, num_layers, n_classes)
