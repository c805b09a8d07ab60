# ---
# assignment: sequential_mnist
# expect: full
# why: the best so far is remembered, product of the values by hand
# ---
# %% model_selection
import itertools


def select(kind, train, validation):
    space = SEARCH_SPACE[kind]
    best, best_accuracy = None, -1.0
    for values in itertools.product(*space.values()):
        setting = dict(zip(space, values))
        model, history = train_setting(kind, setting, train, SEED)
        reached = accuracy(model, validation)
        if reached > best_accuracy:
            best, best_accuracy = setting, reached
    return best
