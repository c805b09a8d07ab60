# ---
# assignment: sequential_mnist
# expect: full
# why: three classes; the fourth kind reads in both directions, half of the units each
# ---
# %% recurrent_models
class Classifier(nn.Module):
    def __init__(self, recurrent, features, n_classes):
        super().__init__()
        self.recurrent, self.out = recurrent, nn.Linear(features, n_classes)

    def features(self, x):
        raise NotImplementedError

    def forward(self, x):
        return self.out(self.features(x))


class LastState(Classifier):
    def features(self, x):
        return self.recurrent(x)[0][:, -1]


class BothEnds(Classifier):
    def features(self, x):
        outputs, _ = self.recurrent(x)
        forwards, backwards = outputs.chunk(2, dim=2)
        return torch.cat([forwards[:, -1], backwards[:, 0]], dim=1)


def build_model(kind, hidden_size, num_layers, n_classes):
    match kind:
        case "rnn":
            return LastState(nn.RNN(1, hidden_size, num_layers, batch_first=True), hidden_size, n_classes)
        case "gru":
            return LastState(nn.GRU(1, hidden_size, num_layers, batch_first=True), hidden_size, n_classes)
        case "lstm":
            return LastState(nn.LSTM(1, hidden_size, num_layers, batch_first=True), hidden_size, n_classes)
        case "bidirectional":
            half = hidden_size // 2
            both = nn.LSTM(1, half, num_layers, batch_first=True, bidirectional=True)
            return BothEnds(both, 2 * half, n_classes)
        case _:
            raise ValueError(f"no such kind: {kind}")
