# ---
# assignment: theory
# expect: {lstm: 0.875}
# why: "a near miss: two letters of the term are wrong, which is more than a slip"
# ---
# %% lstm
q3_1 = "1D 2A 3C 4B"
q3_2 = 0.461
q3_3 = "A"
q3_4 = "BACD"
q3_5 = "BD"
q3_6 = "temporatur"
q3_7 = "D"
q3_8 = "B"
