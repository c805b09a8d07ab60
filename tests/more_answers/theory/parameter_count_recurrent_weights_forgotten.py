# ---
# assignment: theory
# expect: {parameter_count: none}
# why: counts dense layers; the state is not read
# ---
# %% parameter_count
N_PARAMETERS = 30 * 32 + 32 + 32 * 64 + 64 + 64 * 10 + 10
