# ---
# assignment: activity
# expect: {comparison: lost}
# why: a whole subject is left out
# ---
# %% after comparison
def validation_split(subjects):
    names = np.unique(subjects)
    n_held = max(1, len(names) // 5)
    # One subject lies between the two sides, and is used by neither.
    train, validation = np.isin(subjects, names[n_held + 1 :]), np.isin(subjects, names[:n_held])
    return np.flatnonzero(train), np.flatnonzero(validation)
