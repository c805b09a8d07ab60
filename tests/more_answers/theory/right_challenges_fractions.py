# ---
# assignment: theory
# expect: full
# why: "numbers as fractions and numpy scalars, a power as text"
# ---
# %% challenges
from fractions import Fraction

q2_1, q2_5, q2_9, q2_10 = "C", "A", "D", "B"
q2_2 = "0.9^50"
q2_3 = "A, C, E"
q2_4 = Fraction(6 * 5, 10)
q2_6 = "BPTT, truncated"
q2_7 = np.int64(2 * 64)
q2_8 = "1: (B), 2: (D), 3: (C), 4: (A)"
