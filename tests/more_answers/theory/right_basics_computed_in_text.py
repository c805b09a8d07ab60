# ---
# assignment: theory
# expect: full
# why: "computations as text, pairs with the letter first"
# ---
# %% basics
q1_1, q1_2, q1_6, q1_9 = "B", "D", "A", "C"
q1_3 = "B & C & E"
q1_4 = "h_2 = 0.363"
q1_5 = "full BPTT"
q1_7 = "B → D → E → A → C"
q1_8 = "C1 B2 D3 A4"
q1_10 = "about 2.048 × 10⁷ bytes (without gradients)"
