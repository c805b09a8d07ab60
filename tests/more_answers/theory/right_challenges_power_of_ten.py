# ---
# assignment: theory
# expect: full
# why: a number with a power of ten, a term in capitals with hyphens and an article
# ---
# %% challenges
q2_1 = "C"
q2_2 = "5.15 × 10^-3"
q2_3 = "aCe"
q2_4 = "6/2"
q2_5 = "A"
q2_6 = "The TRUNCATED Back-Propagation Through Time"
q2_7 = 128.0
q2_8 = "B D C A"
q2_9 = "D"
q2_10 = "B"
