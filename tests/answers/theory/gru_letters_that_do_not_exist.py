# ---
# assignment: theory
# expect: {gru: 0.875}
# why: a letter that is no option
# ---
# %% gru
q4_1 = "E"
q4_2 = "sigmoid"
q4_3 = 0.5
q4_4 = "A"
q4_5 = "0.75"
q4_6 = "ACD"
q4_7 = "DBCA"
q4_8 = "D"
