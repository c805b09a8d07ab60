# ---
# assignment: speech_commands
# expect: {standardise: none, lstm_cell: none, gru_cell: none}
# why: handed in as it was released
# ---
# %% standardise
def standardise(features, eps=1e-6):
    """features (batch, time, features) -> the same shape, each feature with mean 0 and standard deviation 1"""
    # YOUR CODE HERE
    raise NotImplementedError("Exercise standardise: not answered yet")


# %% lstm_cell
class LSTMCell(nn.Module):
    """One step of an LSTM."""

    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        # YOUR CODE HERE
        raise NotImplementedError("Exercise lstm_cell: not answered yet")

    def forward(self, input, hx=None):
        """input (batch, input_size), hx = (h, c) or None for zeros -> (hy, cy), each (batch, hidden_size)"""
        # YOUR CODE HERE
        raise NotImplementedError("Exercise lstm_cell: not answered yet")


# %% gru_cell
class GRUCell(nn.Module):
    """One step of a GRU."""

    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        # YOUR CODE HERE
        raise NotImplementedError("Exercise gru_cell: not answered yet")

    def forward(self, input, hx=None):
        """input (batch, input_size), hx (batch, hidden_size) or None for zeros -> hy (batch, hidden_size)"""
        # YOUR CODE HERE
        raise NotImplementedError("Exercise gru_cell: not answered yet")
