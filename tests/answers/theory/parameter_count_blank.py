# ---
# assignment: theory
# expect: {parameter_count: none}
# why: nothing is filled in
# ---
# %% parameter_count
N_PARAMETERS = None
