# ---
# assignment: theory
# expect: full
# why: "three layers, numbers of numpy and fractions"
# ---
# %% lstm_settings
from fractions import Fraction

hours, days = np.int64(24), np.int64(7)
forecast_inputs = len(("load", "sunshine", "wind"))
forecast_steps = hours * days
forecast_outputs = np.float32(24)
forecast_layers = 3


def count(hidden, layers=3):
    parts = nn.LSTM(3, hidden, layers), nn.Linear(hidden, 24)
    return sum(p.numel() for part in parts for p in part.parameters())


forecast_hidden = max(h for h in 2 ** np.arange(1, 10) if count(int(h)) <= 100_000)
forecast_dropout = Fraction(1, 4)
forecast_loss = "Mean Squared Error"
forecast_split = "by time"
text_outputs = "96"
text_loss = "Cross entropy"
text_bidirectional = "No"
text_state = "carried on"
text_divisor = np.float32(1.0)
