# ---
# assignment: sequential_mnist
# expect: full
# why: cells written by hand, one matrix over input and state each
# ---
# %% recurrent_models
class Cell(nn.Module):
    def __init__(self, kind, input_size, hidden_size):
        super().__init__()
        self.kind, self.hidden_size = kind, hidden_size
        gates = {"rnn": 0, "gru": 2, "lstm": 3}[kind]
        self.gates = nn.Linear(input_size + hidden_size, gates * hidden_size) if gates else None
        self.candidate = nn.Linear(input_size + hidden_size, hidden_size)

    def forward(self, x, state):
        h = state[0]
        both = torch.cat([x, h], dim=1)
        if self.kind == "rnn":
            return (torch.tanh(self.candidate(both)),)
        gates = torch.sigmoid(self.gates(both)).chunk(2 if self.kind == "gru" else 3, dim=1)
        if self.kind == "gru":
            z, r = gates
            return ((1 - z) * h + z * torch.tanh(self.candidate(torch.cat([x, r * h], dim=1))),)
        f, i, o = gates
        c = f * state[1] + i * torch.tanh(self.candidate(both))
        return o * torch.tanh(c), c


class Stack(nn.Module):
    def __init__(self, kind, hidden_size, num_layers, n_classes):
        super().__init__()
        self.cells = nn.ModuleList(Cell(kind, hidden_size if i else 1, hidden_size) for i in range(num_layers))
        self.output = nn.Linear(hidden_size, n_classes)

    def forward(self, x):
        for cell in self.cells:
            zeros = x.new_zeros(len(x), cell.hidden_size)
            state, outputs = (zeros, zeros), []
            for step in x.unbind(1):
                state = cell(step, state)
                outputs.append(state[0])
            x = torch.stack(outputs, dim=1)
        return self.output(x[:, -1])


def build_model(kind, hidden_size, num_layers, n_classes):
    if kind in {"rnn", "gru", "lstm"}:
        return Stack(kind, hidden_size, num_layers, n_classes)
    raise ValueError(f"{kind!r} is no kind of model")
