# ---
# assignment: theory
# expect: {curves: 0.5}
# why: knows the plain network and leaves the rest blank
# ---
# %% curves
A_model = ""
B_model = "RNN"
C_model = ""
