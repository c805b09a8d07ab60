# ---
# assignment: theory
# expect: {parameter_count: none}
# why: the softmax layer reads the states of all 100 steps
# ---
# %% parameter_count
N_PARAMETERS = 32 * (30 + 32 + 1) + 64 * (32 + 64 + 1) + 100 * 64 * 10 + 10
