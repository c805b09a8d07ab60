# ---
# assignment: theory
# expect: full
# why: three layers with the largest size that the bound allows, numbers as text
# ---
# %% lstm_settings
forecast_inputs = 3
forecast_steps = 7 * 24
forecast_outputs = 24
forecast_layers = 3
forecast_hidden = "64"
forecast_dropout = "0.5"
forecast_loss = "MSE"
forecast_split = "by time"
text_outputs = 96
text_loss = "cross-entropy"
text_bidirectional = "no"
text_state = "carried on"
text_divisor = 1
