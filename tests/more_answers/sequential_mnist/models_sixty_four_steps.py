# ---
# assignment: sequential_mnist
# expect: {recurrent_models: lost}
# why: reads the first 64 pixels of any image
# ---
# %% recurrent_models
class RecurrentModel(nn.Module):
    def __init__(self, kind, hidden_size, num_layers, n_classes):
        super().__init__()
        self.rnn = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[kind](1, hidden_size, num_layers, batch_first=True)
        self.fc = nn.Linear(hidden_size, n_classes)

    def forward(self, x):
        return self.fc(self.rnn(x[:, :64])[0][:, -1])


def build_model(kind, hidden_size, num_layers, n_classes):
    if kind not in ("rnn", "gru", "lstm"):
        raise ValueError(kind)
    return RecurrentModel(kind, hidden_size, num_layers, n_classes)
