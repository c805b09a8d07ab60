# ---
# assignment: theory
# expect: {advanced: 0.9}
# why: "a near miss: the operation that gives the sum to one process"
# ---
# %% advanced
q5_1 = "B"
q5_2 = "teacher forcing"
q5_3 = "CBEDA"
q5_4 = "C"
q5_5 = "BDE"
q5_6 = "C"
q5_7 = "reduce"
q5_8 = "25 s"
q5_9 = "1B 2D 3E 4C 5A"
q5_10 = "parallel scan"
