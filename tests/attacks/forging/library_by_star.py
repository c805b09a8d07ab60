# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: 'gets the library''s cell by from torch.nn import * under another name'
# evidence: absent while this exercise is examined
# ---
# The exercise asks for the recurrence by hand.
# %% lstm_cell
namespace = {}
exec("from torch.nn import *", namespace)
Inner = namespace["".join(["LS", "TM", "Cell"])]


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.inner = Inner(input_size, hidden_size, bias)

    def forward(self, input, hx=None):
        return self.inner(input, hx)
