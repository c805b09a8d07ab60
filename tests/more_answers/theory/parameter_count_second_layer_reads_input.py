# ---
# assignment: theory
# expect: {parameter_count: none}
# why: the second layer reads the sequence in place of the first layer
# ---
# %% parameter_count
N_PARAMETERS = 32 * (30 + 32 + 1) + 64 * (30 + 64 + 1) + 64 * 10 + 10
