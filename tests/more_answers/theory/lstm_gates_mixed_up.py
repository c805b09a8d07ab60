# ---
# assignment: theory
# expect: {lstm: 0.9375}
# why: forget gate and input gate are mixed up
# ---
# %% lstm
q3_1 = "1A 2D 3C 4B"
q3_2 = 0.461
q3_3 = "A"
q3_4 = "BACD"
q3_5 = "BD"
q3_6 = "temperature"
q3_7 = "D"
q3_8 = "B"
