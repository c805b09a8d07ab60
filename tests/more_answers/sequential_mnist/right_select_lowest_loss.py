# ---
# assignment: sequential_mnist
# expect: full
# why: chooses by the loss on the validation set
# ---
# %% model_selection
def select(kind, train, validation):
    return min(grid(**SEARCH_SPACE[kind]), key=lambda s: evaluate(train_setting(kind, s, train, SEED)[0], validation)[0])
