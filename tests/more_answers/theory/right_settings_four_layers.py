# ---
# assignment: theory
# expect: full
# why: with four layers the bound allows half the size
# ---
# %% lstm_settings
forecast_inputs = "3"
forecast_steps = 168
forecast_outputs = 24
forecast_layers = 4
forecast_hidden = 32
forecast_dropout = 0.1
forecast_loss = "Mean-Squared Error"
forecast_split = "by time"
text_outputs = 96
text_loss = "cross entropy"
text_bidirectional = "No"
text_state = "carried on"
text_divisor = 1.0
