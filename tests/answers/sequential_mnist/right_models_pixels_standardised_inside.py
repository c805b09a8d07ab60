# ---
# assignment: sequential_mnist
# expect: full
# why: the pixels are shifted and scaled by constants inside of the model; relu in the plain network
# ---
# %% recurrent_models
class RecurrentModel(nn.Module):
    def __init__(self, kind, hidden_size, num_layers, n_classes):
        super().__init__()
        self.kind = kind
        sizes = {"batch_first": True, "num_layers": num_layers}
        if kind == "rnn":
            self.recurrent = nn.RNN(1, hidden_size, nonlinearity="relu", **sizes)
        else:
            self.recurrent = {"gru": nn.GRU, "lstm": nn.LSTM}[kind](1, hidden_size, **sizes)
        self.classify = nn.Linear(hidden_size, n_classes)

    def forward(self, x):
        x = (x - 0.1307) / 0.3081
        return self.classify(self.recurrent(x)[0][:, -1])


def build_model(kind, hidden_size, num_layers, n_classes):
    if kind not in ("rnn", "gru", "lstm"):
        raise ValueError(f"unknown kind {kind!r}")
    return RecurrentModel(kind, hidden_size, num_layers, n_classes)
