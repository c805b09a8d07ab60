# ---
# assignment: theory
# expect: {curves: none}
# why: sentences in place of names
# ---
# %% curves
A_model = "A is the slower gated one"
B_model = "B forgets"
C_model = "C is quick"
