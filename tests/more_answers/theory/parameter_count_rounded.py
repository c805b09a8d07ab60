# ---
# assignment: theory
# expect: {parameter_count: none}
# why: says about how many
# ---
# %% parameter_count
N_PARAMETERS = "about 8.9 thousand"
