# ---
# assignment: theory
# expect: {basics: 0.9}
# why: the loss comes before the states that it is computed from
# ---
# %% basics
q1_1 = "B"
q1_2 = "D"
q1_3 = "BCE"
q1_4 = 0.363
q1_5 = "backpropagation through time"
q1_6 = "A"
q1_7 = "BEDAC"
q1_8 = "1C 2B 3D 4A"
q1_9 = "C"
q1_10 = "20.48 MB"
