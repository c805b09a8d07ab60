# ---
# assignment: theory
# expect: {basics: none}
# why: all letters are chosen everywhere
# ---
# %% basics
q1_1 = "ABCD"
q1_2 = "ABCD"
q1_3 = "ABCDE"
q1_4 = ""
q1_5 = ""
q1_6 = "ABCD"
q1_7 = "ABCDE"
q1_8 = "1ABCD 2ABCD 3ABCD 4ABCD"
q1_9 = "ABCD"
q1_10 = ""
