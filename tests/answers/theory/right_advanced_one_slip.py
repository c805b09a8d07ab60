# ---
# assignment: theory
# expect: full
# why: a letter is missing in one term and one is doubled in another
# ---
# %% advanced
q5_1 = "B"
q5_2 = "teacher forcin"
q5_3 = "CBEDA"
q5_4 = "C"
q5_5 = "BDE"
q5_6 = "C"
q5_7 = "all-redduce"
q5_8 = 25
q5_9 = "1B 2D 3E 4C 5A"
q5_10 = "the parallel scan"
