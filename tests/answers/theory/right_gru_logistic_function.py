# ---
# assignment: theory
# expect: full
# why: another name of the function, a share in per cent, a fraction
# ---
# %% gru
q4_1 = "C"
q4_2 = "Logistic Function"
q4_3 = "1/2"
q4_4 = "A"
q4_5 = "75 %"
q4_6 = "A, C, D"
q4_7 = "D > B > C > A"
q4_8 = "D"
