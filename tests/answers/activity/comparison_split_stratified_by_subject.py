# ---
# assignment: activity
# expect: {comparison: lost}
# why: a share of every subject is held out, instead of whole subjects
# ---
# %% after comparison
def validation_split(subjects):
    train, validation = [], []
    for name in np.unique(subjects):
        own = np.flatnonzero(subjects == name)
        n_held = len(own) // 5
        train.append(own[n_held:])
        validation.append(own[:n_held])
    return np.concatenate(train), np.concatenate(validation)
