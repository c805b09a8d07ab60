# ---
# assignment: theory
# expect: full
# why: names as they are written in code, time in minutes, another name of the algorithm
# ---
# %% advanced
q5_1 = "B"
q5_2 = "TEACHER FORCING"
q5_3 = "c->b->e->d->a"
q5_4 = "C"
q5_5 = "b,d,e"
q5_6 = "C"
q5_7 = "all_reduce"
q5_8 = "0.4167 min"
q5_9 = "1: B, 2: D, 3: E, 4: C, 5: A"
q5_10 = "Prefix Sums"
