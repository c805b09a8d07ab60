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
        if state is None:
            state = [None] * len(self.cells)
        else:
            state = list(zip(*state)) if self.is_lstm else list(state)
        logits = []
        for x in self.embed(ids).unbind(dim=1):
            for k, cell in enumerate(self.cells):
                state[k] = cell(x, state[k])
                x = state[k][0] if self.is_lstm else state[k]
            logits.append(self.readout(x))
        state = tuple(torch.stack(part) for part in zip(*state)) if self.is_lstm else torch.stack(state)
        return torch.stack(logits, dim=1), state
