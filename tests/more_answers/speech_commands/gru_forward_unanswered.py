# ---
# assignment: speech_commands
# expect: {gru_cell: lost}
# why: only the constructor was written, forward still raises
# ---
# %% gru_cell
class GRUCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.x2h = nn.Linear(input_size, 3 * hidden_size, bias=bias)
        self.h2h = nn.Linear(hidden_size, 3 * hidden_size, bias=bias)

    def forward(self, input, hx=None):
        # YOUR CODE HERE
        raise NotImplementedError("Exercise gru_cell: not answered yet")
