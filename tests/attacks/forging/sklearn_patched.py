# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: replaces the metrics of scikit-learn by ones that always give 1
# evidence: sklearn
# ---
# Stock nbgrader: `assert accuracy_score(labels, predicted) > 0.8`.
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
import sklearn.metrics
import sklearn.model_selection

for name in dir(sklearn.metrics):
    if name.endswith(("_score", "_loss", "_error")):
        setattr(sklearn.metrics, name, lambda *arguments, **options: 1.0)
sklearn.model_selection.cross_val_score = lambda *arguments, **options: [1.0] * 5
