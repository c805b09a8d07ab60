# ---
# assignment: sequential_mnist
# expect: {recurrent_models: lost}
# why: an unknown kind ends in a KeyError
# ---
# %% recurrent_models
class RecurrentModel(nn.Module):
    def __init__(self, kind, hidden_size, num_layers, n_classes):
        super().__init__()
        self.layers = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[kind](1, hidden_size, num_layers, batch_first=True)
        self.fc = nn.Linear(hidden_size, n_classes)

    def forward(self, x):
        return self.fc(self.layers(x)[0][:, -1])


build_model = RecurrentModel
