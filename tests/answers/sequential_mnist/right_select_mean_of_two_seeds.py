# ---
# assignment: sequential_mnist
# expect: full
# why: two seeds for each setting, sorted by the mean; the curve is watched
# ---
# %% model_selection
def select(kind, train, validation):
    def quality(setting):
        reached = []
        for seed in (1, 2):
            _, history = train_setting(kind, setting, train, seed, watch=validation)
            reached.append(history.val_accuracy[-1])
        return sum(reached) / len(reached)

    return sorted(grid(**SEARCH_SPACE[kind]), key=quality)[-1]
