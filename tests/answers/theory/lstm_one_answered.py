# ---
# assignment: theory
# expect: {lstm: 0.125}
# why: seven of eight questions are left blank
# ---
# %% lstm
q3_1 = ""
q3_2 = ""
q3_3 = "A"
q3_4 = ""
q3_5 = ""
q3_6 = ""
q3_7 = ""
q3_8 = ""
