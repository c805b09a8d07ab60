# ---
# assignment: sequential_mnist
# expect: full
# why: watches the validation set while training and takes the value after the last epoch
# ---
# %% model_selection
def select(kind, train, validation):
    best_setting, best_accuracy = None, -np.inf
    for setting in grid(**SEARCH_SPACE[kind]):
        _, history = train_setting(kind, setting, train, SEED, watch=validation)
        if history.val_accuracy[-1] >= best_accuracy:
            best_setting, best_accuracy = setting, history.val_accuracy[-1]
    return best_setting
