# ---
# assignment: theory
# expect: full
# why: in quotes, with a comma for thousands
# ---
# %% parameter_count
N_PARAMETERS = "8,874"
