# ---
# assignment: sequential_mnist
# expect: {model_selection: lost}
# why: keeps the choice of a kind and gives it again for other sequences
# ---
# %% model_selection
CHOICES = {}


def select(kind, train, validation):
    if kind not in CHOICES:
        CHOICES[kind] = max(
            grid(**SEARCH_SPACE[kind]), key=lambda s: accuracy(train_setting(kind, s, train, SEED)[0], validation)
        )
    return CHOICES[kind]
