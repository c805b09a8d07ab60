# ---
# assignment: sequential_mnist
# expect: {model_selection: lost}
# why: every model has the default setting
# ---
# %% model_selection
def select(kind, train, validation):
    settings = grid(**SEARCH_SPACE[kind])
    reached = [accuracy(train_setting(kind, {}, train, SEED)[0], validation) for _ in settings]
    return settings[int(np.argmax(reached))]
