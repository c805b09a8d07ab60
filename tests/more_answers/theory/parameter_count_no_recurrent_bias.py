# ---
# assignment: theory
# expect: {parameter_count: 0.5}
# why: only the softmax layer has biases
# ---
# %% parameter_count
N_PARAMETERS = 30 * 32 + 32 * 32 + 32 * 64 + 64 * 64 + 64 * 10 + 10
