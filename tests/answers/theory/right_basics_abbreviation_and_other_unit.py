# ---
# assignment: theory
# expect: full
# why: the usual abbreviation of a term, memory in MiB, pairs as letters in order
# ---
# %% basics
q1_1 = "B"
q1_2 = "D"
q1_3 = "EBC"
q1_4 = np.tanh(0.5 * np.tanh(1))
q1_5 = "BPTT"
q1_6 = "A"
q1_7 = "B D E A C"
q1_8 = "CBDA"
q1_9 = "C"
q1_10 = "19.53 MiB"
