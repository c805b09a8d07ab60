# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: puts lone surrogates, NUL and escape characters into outputs, messages and names of parameters, which cannot be written to a file
# evidence: your code raised|parameter
# ---
# A grader that encodes what the candidate said as UTF-8 dies of it, and with it the batch.
# %% lstm_cell
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.register_parameter("name\ud800\x00", nn.Parameter(torch.zeros(1)))
        print("printed \ud800 \x00 \x1b[31m")
        self.x2h = nn.Linear(input_size, 4 * hidden_size, bias=bias)
        self.h2h = nn.Linear(hidden_size, 4 * hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = (input.new_zeros(len(input), self.hidden_size),) * 2
        h, c = hx
        if len(input) > 2:
            raise ValueError("a lone \ud800 surrogate, \x00, \x1b[2J, \u202e and \uffff")
        i, f, g, o = (self.x2h(input) + self.h2h(h)).chunk(4, 1)
        cy = torch.sigmoid(f) * h + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(cy), cy
# %% after lstm_cell
from IPython.display import display

display({"text/plain": "4.0 \ud800", "text/html": "\ud800\x00"}, raw=True)
LSTMCell.__name__ = LSTMCell.__qualname__ = "LSTM\ud800\x00Cell"
LSTMCell(2, 2)(torch.zeros(3, 2))
