# ---
# assignment: char_rnn
# expect: full
# why: "torch's cells, a loop over time and layers"
# ---
# %% char_rnn_model
class CharRNN(nn.Module):
    def __init__(self, vocab_size, embedding_size, hidden_size, num_layers, cell, dropout=0.0):
        super().__init__()
        kind = {"RNN": nn.RNNCell, "GRU": nn.GRUCell, "LSTM": nn.LSTMCell}[cell]
        self.lstm = cell == "LSTM"
        self.h = hidden_size
        self.E = nn.Embedding(vocab_size, embedding_size)
        self.cells = nn.ModuleList([kind(hidden_size if k else embedding_size, hidden_size) for k in range(num_layers)])
        self.head = nn.Linear(hidden_size, vocab_size)

    def forward(self, ids, state=None):
        b, t = ids.shape
        if state is None:
            zeros = torch.zeros(len(self.cells), b, self.h, device=ids.device)
            state = (zeros, zeros) if self.lstm else zeros
        now = [tuple(s[k] for s in state) if self.lstm else state[k] for k in range(len(self.cells))]
        tops = []
        for x in self.E(ids).unbind(dim=1):
            for k, cell in enumerate(self.cells):
                now[k] = cell(x, now[k])
                x = now[k][0] if self.lstm else now[k]
            tops.append(x)
        state = tuple(map(torch.stack, zip(*now))) if self.lstm else torch.stack(now)
        return self.head(torch.stack(tops, 1)), state
