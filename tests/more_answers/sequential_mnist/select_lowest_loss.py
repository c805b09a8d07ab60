# ---
# assignment: sequential_mnist
# expect: {model_selection: lost}
# why: chooses by validation loss
# ---
# %% model_selection
def select(kind, train, validation):
    return min(grid(**SEARCH_SPACE[kind]), key=lambda s: evaluate(train_setting(kind, s, train, SEED)[0], validation)[0])
