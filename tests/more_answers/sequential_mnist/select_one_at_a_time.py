# ---
# assignment: sequential_mnist
# expect: {model_selection: lost}
# why: half of the settings are left out
# ---
# %% model_selection
def select(kind, train, validation):
    settings = grid(**SEARCH_SPACE[kind])
    settings = settings[: len(settings) // 2]
    reached = [accuracy(train_setting(kind, setting, train, SEED)[0], validation) for setting in settings]
    return settings[int(np.argmax(reached))]
