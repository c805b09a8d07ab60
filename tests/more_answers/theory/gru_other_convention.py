# ---
# assignment: theory
# expect: {gru: 0.875}
# why: the update gate is applied to the candidate
# ---
# %% gru
q4_1 = "C"
q4_2 = "sigmoid"
q4_3 = -0.1
q4_4 = "A"
q4_5 = "0.75"
q4_6 = "ACD"
q4_7 = "DBCA"
q4_8 = "D"
