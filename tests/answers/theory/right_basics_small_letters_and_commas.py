# ---
# assignment: theory
# expect: full
# why: small letters, brackets, commas and arrows; a number as text with a decimal comma
# ---
# %% basics
q1_1 = "b"
q1_2 = " d) "
q1_3 = "b, c, e"
q1_4 = "0,3634"
q1_5 = "Back-Propagation Through Time"
q1_6 = "(a)"
q1_7 = "b -> d -> e -> a -> c"
q1_8 = "1-c, 2-b, 3-d, 4-a"
q1_9 = "Option C"
q1_10 = "20,48"
