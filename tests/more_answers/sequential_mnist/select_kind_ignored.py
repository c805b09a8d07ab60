# ---
# assignment: sequential_mnist
# expect: {model_selection: lost}
# why: every kind gets the setting of the GRU
# ---
# %% model_selection
def select(kind, train, validation):
    settings = grid(**SEARCH_SPACE[kind])
    reached = [accuracy(train_setting("gru", setting, train, SEED)[0], validation) for setting in settings]
    return settings[int(np.argmax(reached))]
