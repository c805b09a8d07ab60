# ---
# assignment: theory
# expect: {lstm_settings: 0.9}
# why: a generator that reads in both directions and forgets
# ---
# %% lstm_settings
forecast_inputs = 3
forecast_steps = 7 * 24
forecast_outputs = 24
forecast_layers = 2
forecast_hidden = 64
forecast_dropout = 0.2
forecast_loss = "mean squared error"
forecast_split = "by time"
text_outputs = 96
text_loss = "cross-entropy"
text_bidirectional = "yes"
text_state = "set to zeros"
text_divisor = 1.0
