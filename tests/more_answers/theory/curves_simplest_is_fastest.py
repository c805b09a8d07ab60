# ---
# assignment: theory
# expect: {curves: none}
# why: takes the plain network for the fastest and the LSTM for the slowest
# ---
# %% curves
A_model = "GRU"
B_model = "LSTM"
C_model = "RNN"
