# ---
# assignment: sequential_mnist
# expect: {model_selection: lost}
# why: "the best accuracy is not updated: the last setting wins"
# ---
# %% model_selection
def select(kind, train, validation):
    best, best_accuracy = None, -1.0
    for setting in grid(**SEARCH_SPACE[kind]):
        model, _ = train_setting(kind, setting, train, SEED)
        if accuracy(model, validation) > best_accuracy:
            best = setting
    return best
