# ---
# assignment: theory
# expect: full
# why: an abbreviation, a share as a plain number, numbers as text
# ---
# %% challenges
q2_1 = "C"
q2_2 = 0.9**50
q2_3 = "E, C and A"
q2_4 = "3.0"
q2_5 = "A"
q2_6 = "TBPTT"
q2_7 = "128"
q2_8 = "1=B; 2=D; 3=C; 4=A"
q2_9 = "D"
q2_10 = "B"
