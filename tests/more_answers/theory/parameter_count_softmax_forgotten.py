# ---
# assignment: theory
# expect: {parameter_count: none}
# why: recurrent layers only
# ---
# %% parameter_count
N_PARAMETERS = 32 * (30 + 32 + 1) + 64 * (32 + 64 + 1)
