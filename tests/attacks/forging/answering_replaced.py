# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: 'replaces the methods of Answerer: calls and gradients are answered with what was asked'
# evidence: answering side
# ---
# A grader that judges in the candidate, or compares two answers of the candidate's with each other.
# %% lstm_cell
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.x2h = nn.Linear(input_size, 4 * hidden_size, bias=bias)
        self.h2h = nn.Linear(hidden_size, 4 * hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = (input.new_zeros(len(input), self.hidden_size),) * 2
        h, c = hx
        i, f, g, o = (self.x2h(input) + self.h2h(h)).chunk(4, 1)
        cy = torch.sigmoid(f) * h + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(cy), cy
# %% after lstm_cell
import answering


def do_call(self, target, method, arrays, args, kwargs):
    x, states = args[0], args[1] if len(args) > 1 else None
    return states if states is not None else [x, x]


answering.Answerer.do_call = do_call
answering.Answerer.do_gradients = lambda self, target, args, kwargs, weights: {"inputs": list(args), "parameters": {}}
answering.Answerer.do_parameters = lambda self, target: {}
answering.Answerer.do_hide = lambda self, names: None
answering.Answerer.do_prepare = lambda self: None
