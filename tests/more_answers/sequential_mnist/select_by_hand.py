# ---
# assignment: sequential_mnist
# expect: {model_selection: lost}
# why: a setting that was found by hand is returned
# ---
# %% model_selection
def select(kind, train, validation):
    return {name: values[-1] for name, values in SEARCH_SPACE[kind].items()}
