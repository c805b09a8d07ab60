# ---
# assignment: sequential_mnist
# expect: {model_selection: lost}
# why: the first of the list, whatever was reached
# ---
# %% model_selection
def select(kind, train, validation):
    settings = grid(**SEARCH_SPACE[kind])
    reached = {}
    for i, setting in enumerate(settings):
        model, _ = train_setting(kind, setting, train, SEED)
        reached[i] = accuracy(model, validation)
    return settings[min(reached)]
