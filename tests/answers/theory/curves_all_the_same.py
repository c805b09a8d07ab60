# ---
# assignment: theory
# expect: {curves: none}
# why: one answer for all curves
# ---
# %% curves
A_model = "RNN"
B_model = "RNN"
C_model = "RNN"
