"""Stand-ins for the cells of `speech_commands`: wrappers of torch's own cells, run in the candidate.

They take the place of a student's cells while an exercise that builds on them is examined, so that one
mistake costs once. This file is sent as text; it is not imported by the examiner.
"""

from torch import nn
from torch.nn import GRUCell as _LibraryGRUCell
from torch.nn import LSTMCell as _LibraryLSTMCell


class LSTMCell(nn.Module):
    """Takes and gives what the exercise `lstm_cell` asks for."""

    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        self.cell = _LibraryLSTMCell(input_size, hidden_size, bias=bias)

    def forward(self, input, hx=None):
        return self.cell(input, None if hx is None else tuple(hx))


class GRUCell(nn.Module):
    """Takes and gives what the exercise `gru_cell` asks for."""

    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        self.cell = _LibraryGRUCell(input_size, hidden_size, bias=bias)

    def forward(self, input, hx=None):
        return self.cell(input, hx)
