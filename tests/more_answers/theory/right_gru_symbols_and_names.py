# ---
# assignment: theory
# expect: full
# why: "a symbol with its name, a fraction, one letter in brackets"
# ---
# %% gru
from fractions import Fraction

q4_1, q4_4, q4_8 = "C", "(A)", "d"
q4_2 = "σ (sigmoid)"
q4_3 = np.float32(0.75 * 0.8 + 0.25 * -0.4)
q4_5 = Fraction(3, 4)
q4_6 = ("A", "C", "D")
q4_7 = "D, B, C, A"
