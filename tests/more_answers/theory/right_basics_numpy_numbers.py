# ---
# assignment: theory
# expect: full
# why: "numbers as numpy and torch compute them, lists and dicts of letters"
# ---
# %% basics
q1_1, q1_2, q1_6, q1_9 = "(b)", "D.", "option A", "c"
q1_3 = ["E", "B", "C"]
h = torch.zeros(())
for x in (1.0, 0.0):
    h = torch.tanh(1.0 * x + 0.5 * h)
q1_4 = h
q1_5 = "Backpropagation thru time"
q1_7 = "1. B 2. D 3. E 4. A 5. C"
q1_8 = {1: "C", 2: "B", 3: "D", 4: "A"}
q1_10 = np.float32(256 * 40 * 500 * 4 / 1e6)
