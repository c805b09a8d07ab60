# ---
# assignment: theory
# expect: {curves: 0.5}
# why: takes the LSTM for the one that learns first
# ---
# %% curves
A_model = "GRU"
B_model = "RNN"
C_model = "LSTM"
