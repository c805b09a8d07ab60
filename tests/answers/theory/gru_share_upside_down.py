# ---
# assignment: theory
# expect: {gru: 0.875}
# why: LSTM by GRU in place of GRU by LSTM
# ---
# %% gru
q4_1 = "C"
q4_2 = "sigmoid"
q4_3 = 0.5
q4_4 = "A"
q4_5 = "4/3"
q4_6 = "ACD"
q4_7 = "DBCA"
q4_8 = "D"
