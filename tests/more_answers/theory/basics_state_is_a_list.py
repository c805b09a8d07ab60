# ---
# assignment: theory
# expect: {basics: 0.8}
# why: takes the state for a list of all inputs, and weights for something that grows
# ---
# %% basics
q1_1 = "B"
q1_2 = "D"
q1_3 = "AE"
q1_4 = 0.363
q1_5 = "backpropagation through time"
q1_6 = "B"
q1_7 = "BDEAC"
q1_8 = "1C 2B 3D 4A"
q1_9 = "C"
q1_10 = "20.48 MB"
