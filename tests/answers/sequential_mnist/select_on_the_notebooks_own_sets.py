# ---
# assignment: sequential_mnist
# expect: {model_selection: lost}
# why: the notebook's sets are used, not the arguments
# ---
# %% model_selection
TRAINING, VALIDATION = "train", "validation"


def select(kind, train_data, validation_data):
    settings = grid(**SEARCH_SPACE[kind])
    models = [train_setting(kind, setting, train, SEED)[0] for setting in settings]
    return settings[int(np.argmax([accuracy(model, validation) for model in models]))]
