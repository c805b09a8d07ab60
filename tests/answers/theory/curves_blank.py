# ---
# assignment: theory
# expect: {curves: none}
# why: nothing is filled in
# ---
# %% curves
A_model = ""
B_model = ""
C_model = ""
