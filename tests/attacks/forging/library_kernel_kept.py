# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: 'keeps torch''s own function for an LSTM step under another name before it is hidden'
# evidence: absent while this exercise is examined
# ---
# The exercise asks for the recurrence by hand.
# %% lstm_cell
compute = getattr(torch._C._VariableFunctions, "lstm" + "_cell")


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size, self.bias = hidden_size, bias
        self.x2h = nn.Linear(input_size, 4 * hidden_size, bias=bias)
        self.h2h = nn.Linear(hidden_size, 4 * hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = (input.new_zeros(len(input), self.hidden_size),) * 2
        return compute(input, hx, self.x2h.weight, self.h2h.weight, self.x2h.bias, self.h2h.bias)
