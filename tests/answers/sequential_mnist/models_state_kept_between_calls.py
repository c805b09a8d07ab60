# ---
# assignment: sequential_mnist
# expect: {recurrent_models: lost}
# why: the state of the last call is where the next one begins
# ---
# %% recurrent_models
class RecurrentModel(nn.Module):
    def __init__(self, kind, hidden_size, num_layers, n_classes):
        super().__init__()
        layer = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[kind]
        self.layers = layer(1, hidden_size, num_layers, batch_first=True)
        self.fc = nn.Linear(hidden_size, n_classes)
        self.state = None

    def forward(self, x):
        state = self.state
        if state is not None and (state[0] if isinstance(state, tuple) else state).shape[1] != len(x):
            state = None
        outputs, state = self.layers(x, state)
        self.state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        return self.fc(outputs[:, -1])


def build_model(kind, hidden_size, num_layers, n_classes):
    if kind not in ("rnn", "gru", "lstm"):
        raise ValueError(f"unknown kind {kind!r}")
    return RecurrentModel(kind, hidden_size, num_layers, n_classes)
