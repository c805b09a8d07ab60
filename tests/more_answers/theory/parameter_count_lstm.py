# ---
# assignment: theory
# expect: {parameter_count: none}
# why: four times as many, as if the layers were LSTMs
# ---
# %% parameter_count
N_PARAMETERS = 4 * (32 * (30 + 32 + 1) + 64 * (32 + 64 + 1)) + 64 * 10 + 10
