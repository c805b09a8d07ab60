# ---
# assignment: theory
# expect: full
# why: assigned together
# ---
# %% curves
A_model, B_model, C_model = ["LSTM", "RNN", "GRU"]
