# ---
# assignment: theory
# expect: {curves: none}
# why: takes the curve in the middle for the plain network
# ---
# %% curves
A_model = "RNN"
B_model = "LSTM"
C_model = "GRU"
