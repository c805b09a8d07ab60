# ---
# assignment: sequential_mnist
# expect: full
# why: classes that inherit from torch's layers and add a head
# ---
# %% recurrent_models
class _Head:
    def attach(self, n_classes):
        self.logits = nn.Linear(self.hidden_size, n_classes)
        return self


class RNNClassifier(_Head, nn.RNN):
    def forward(self, x):
        return self.logits(super().forward(x)[0][:, -1])


class GRUClassifier(_Head, nn.GRU):
    def forward(self, x):
        return self.logits(super().forward(x)[0][:, -1])


class LSTMClassifier(_Head, nn.LSTM):
    def forward(self, x):
        return self.logits(super().forward(x)[0][:, -1])


def build_model(kind, hidden_size, num_layers, n_classes):
    found = {"rnn": RNNClassifier, "gru": GRUClassifier, "lstm": LSTMClassifier}.get(kind)
    if found is None:
        raise ValueError("unknown kind: " + str(kind))
    return found(1, hidden_size, num_layers, batch_first=True).attach(n_classes)
