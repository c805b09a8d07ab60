# ---
# assignment: sequential_mnist
# expect: {model_selection: lost}
# why: stops as soon as a setting is worse than the one before
# ---
# %% model_selection
def select(kind, train, validation):
    best, reached = None, -1
    for setting in grid(**SEARCH_SPACE[kind]):
        score = accuracy(train_setting(kind, setting, train, SEED)[0], validation)
        if score < reached:
            break
        best, reached = setting, score
    return best
