# ---
# assignment: theory
# expect: {basics: none}
# why: every line holds a space
# ---
# %% basics
q1_1 = " "
q1_2 = " "
q1_3 = " "
q1_4 = " "
q1_5 = " "
q1_6 = " "
q1_7 = " "
q1_8 = " "
q1_9 = " "
q1_10 = " "
