# ---
# assignment: theory
# expect: {challenges: 0.9}
# why: the states of one direction only
# ---
# %% challenges
q2_1 = "C"
q2_2 = "0.52 %"
q2_3 = "ACE"
q2_4 = 3
q2_5 = "A"
q2_6 = "truncated backpropagation through time"
q2_7 = 64
q2_8 = "1B 2D 3C 4A"
q2_9 = "D"
q2_10 = "B"
