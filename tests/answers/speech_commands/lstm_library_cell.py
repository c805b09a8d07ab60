# ---
# assignment: speech_commands
# expect: {lstm_cell: none}
# why: the library's nn.LSTMCell does the work
# ---
# %% lstm_cell
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.cell = nn.LSTMCell(input_size, hidden_size, bias=bias)

    def forward(self, input, hx=None):
        return self.cell(input, hx)
