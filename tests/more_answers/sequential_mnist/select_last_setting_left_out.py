# ---
# assignment: sequential_mnist
# expect: {model_selection: lost}
# why: the last combination is never tried
# ---
# %% model_selection
def select(kind, train, validation):
    settings = grid(**SEARCH_SPACE[kind])
    scores = []
    for k in range(len(settings) - 1):
        scores.append(accuracy(train_setting(kind, settings[k], train, SEED)[0], validation))
    return settings[int(np.argmax(scores))]
