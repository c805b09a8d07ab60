# ---
# assignment: theory
# expect: {challenges: 0.9}
# why: every remedy is chosen
# ---
# %% challenges
q2_1 = "C"
q2_2 = "0.52 %"
q2_3 = "A, B, C, D, E"
q2_4 = 3
q2_5 = "A"
q2_6 = "truncated backpropagation through time"
q2_7 = 128
q2_8 = "1B 2D 3C 4A"
q2_9 = "D"
q2_10 = "B"
