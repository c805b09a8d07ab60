# ---
# assignment: theory
# expect: full
# why: an article and another name of the same term, pairs in another order
# ---
# %% lstm
q3_1 = "4B 3C 2A 1D"
q3_2 = "0.4608"
q3_3 = "a."
q3_4 = "B, A, C, D"
q3_5 = "D and B"
q3_6 = "the softmax temperature"
q3_7 = "d"
q3_8 = "(B)"
