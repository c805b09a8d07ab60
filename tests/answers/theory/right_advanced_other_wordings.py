# ---
# assignment: theory
# expect: full
# why: terms with other spaces and hyphens, time in milliseconds
# ---
# %% advanced
q5_1 = "B"
q5_2 = "Teacher-Forcing"
q5_3 = "C, B, E, D, A"
q5_4 = "C"
q5_5 = "E D B"
q5_6 = "C"
q5_7 = "All Reduce"
q5_8 = "25,000 ms"
q5_9 = "B D E C A"
q5_10 = "associative scan"
