# ---
# assignment: theory
# expect: {parameter_count: 0.5}
# why: weights only; all biases are forgotten
# ---
# %% parameter_count
N_PARAMETERS = 30 * 32 + 32 * 32 + 32 * 64 + 64 * 64 + 64 * 10
