# ---
# assignment: speech_commands
# expect: full
# why: warnings and log messages from the answer and beside it
# ---
# %% after identity
import logging
import warnings

warnings.simplefilter("always")
logging.basicConfig(level=logging.DEBUG)
log = logging.getLogger("me")
log.warning("this is not good")
warnings.warn("deprecated, but it works")
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
        warnings.warn(f"a batch of {len(input)}")
        log.info("forward")
        i, f, g, o = (self.x2h(input) + self.h2h(h)).chunk(4, 1)
        cy = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(cy), cy
# %% after lstm_cell
log.error("an error that is none")
torch.tensor(torch.zeros(2))
