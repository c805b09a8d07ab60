# ---
# assignment: char_rnn
# expect: full
# why: cells, step by step, layer by layer
# ---
# %% char_rnn_model
class CharRNN(nn.Module):
    def __init__(self, vocab_size, embedding_size, hidden_size, num_layers, cell):
        super().__init__()
        make = {"RNN": nn.RNNCell, "GRU": nn.GRUCell, "LSTM": nn.LSTMCell}[cell]
        sizes = [embedding_size] + [hidden_size] * (num_layers - 1)
        self.embed = nn.Embedding(vocab_size, embedding_size)
        self.cells = nn.ModuleList([make(size, hidden_size) for size in sizes])
        self.readout = nn.Linear(hidden_size, vocab_size)
        self.is_lstm = cell == "LSTM"

    def forward(self, ids, state=None):
        state = [None] * len(self.cells) if state is None else list(state)
        logits = []
        for x in self.embed(ids).unbind(dim=1):
            for k, cell in enumerate(self.cells):
                state[k] = cell(x, state[k])
                x = state[k][0] if self.is_lstm else state[k]
            logits.append(self.readout(x))
        return torch.stack(logits, dim=1), tuple(state)
