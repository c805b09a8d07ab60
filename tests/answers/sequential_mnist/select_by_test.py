# ---
# assignment: sequential_mnist
# expect: {model_selection: lost}
# why: the test set decides
# ---
# %% model_selection
def select(kind, train, validation):
    best, best_accuracy = None, -1.0
    for setting in grid(**SEARCH_SPACE[kind]):
        model, _ = train_setting(kind, setting, train, SEED)
        reached = accuracy(model, test)
        if reached > best_accuracy:
            best, best_accuracy = setting, reached
    return best
