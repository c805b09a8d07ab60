# ---
# assignment: theory
# expect: {gru: 0.875}
# why: "a near miss: a function with values between -1 and 1"
# ---
# %% gru
q4_1 = "C"
q4_2 = "tanh"
q4_3 = 0.5
q4_4 = "A"
q4_5 = "0.75"
q4_6 = "ACD"
q4_7 = "DBCA"
q4_8 = "D"
