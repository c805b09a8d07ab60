# ---
# assignment: sequential_mnist
# expect: {model_selection: lost}
# why: the best model is returned, not its setting
# ---
# %% model_selection
def select(kind, train, validation):
    models = [train_setting(kind, setting, train, SEED)[0] for setting in grid(**SEARCH_SPACE[kind])]
    return max(models, key=lambda model: accuracy(model, validation))
