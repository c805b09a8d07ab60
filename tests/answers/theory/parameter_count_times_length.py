# ---
# assignment: theory
# expect: {parameter_count: none}
# why: takes each step for one with weights of its own
# ---
# %% parameter_count
N_PARAMETERS = 100 * (32 * (30 + 32 + 1) + 64 * (32 + 64 + 1)) + 64 * 10 + 10
