# ---
# assignment: theory
# expect: full
# why: lists and a dictionary in place of texts, a number computed in the form
# ---
# %% basics
q1_1 = "B"
q1_2 = "D"
q1_3 = ["B", "C", "E"]
q1_4 = 0.3634
q1_5 = "the backpropagation through time (BPTT)"
q1_6 = "A"
q1_7 = ["B", "D", "E", "A", "C"]
q1_8 = {1: "C", 2: "B", 3: "D", 4: "A"}
q1_9 = "C"
q1_10 = 40 * 500 * 256 * 4 / 1e6
