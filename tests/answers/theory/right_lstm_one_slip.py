# ---
# assignment: theory
# expect: full
# why: two letters of a long word are exchanged, which is a slip of the keyboard
# ---
# %% lstm
q3_1 = "DACB"
q3_2 = 0.46
q3_3 = "A"
q3_4 = "BACD"
q3_5 = ["B", "D"]
q3_6 = "temperatuer"
q3_7 = "D"
q3_8 = "B"
