# ---
# assignment: theory
# expect: full
# why: "a number of numpy in float32"
# ---
# %% lstm
q3_1 = "1D 2A 3C 4B"
c = np.float32(0.9) * np.float32(2) + np.float32(0.5) * np.float32(-0.4)
q3_2 = np.float32(0.5) * np.tanh(c)
q3_3, q3_7, q3_8 = "A", "D", "B"
q3_4 = "B A C D"
q3_5 = "B, D"
q3_6 = "T (temperature)"
