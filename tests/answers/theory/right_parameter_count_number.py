# ---
# assignment: theory
# expect: full
# why: the number alone
# ---
# %% parameter_count
N_PARAMETERS = 8874
