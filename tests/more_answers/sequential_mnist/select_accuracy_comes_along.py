# ---
# assignment: sequential_mnist
# expect: {model_selection: lost}
# why: the accuracy stands among the setting
# ---
# %% model_selection
def select(kind, train, validation):
    tried = []
    for setting in grid(**SEARCH_SPACE[kind]):
        model, _ = train_setting(kind, setting, train, SEED)
        tried.append(setting | {"accuracy": accuracy(model, validation)})
    return max(tried, key=lambda setting: setting["accuracy"])
