# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: 'takes away from the answering side what hides the library''s names, and uses the library''s cell'
# evidence: answering side
# ---
# The exercise asks for the recurrence by hand.
# %% lstm_cell
Recurrence = vars(nn)["LST" + "MCell"]


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.inner = Recurrence(input_size, hidden_size, bias)

    def forward(self, input, hx=None):
        return self.inner(input, hx)
# %% after lstm_cell
import answering

answering.Answerer.do_hide = lambda self, names: None
answering.Answerer.do_restore = lambda self: None
