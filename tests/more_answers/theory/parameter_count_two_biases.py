# ---
# assignment: theory
# expect: {parameter_count: 0.5}
# why: two bias vectors a layer, as in torch, but SimpleRNN has one
# ---
# %% parameter_count
N_PARAMETERS = 32 * (30 + 32 + 2) + 64 * (32 + 64 + 2) + 64 * 10 + 10
