# ---
# assignment: theory
# expect: full
# why: plural and article, a share as a fraction
# ---
# %% gru
q4_1 = "C"
q4_2 = "the sigmoids"
q4_3 = "0.50"
q4_4 = "A"
q4_5 = "3/4"
q4_6 = "DCA"
q4_7 = ["D", "B", "C", "A"]
q4_8 = "D"
