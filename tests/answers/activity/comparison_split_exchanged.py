# ---
# assignment: activity
# expect: {comparison: lost}
# why: the two sides are returned in the wrong order
# ---
# %% after comparison
def validation_split(subjects):
    names = np.unique(subjects)
    chosen = np.isin(subjects, names[: max(1, len(names) // 5)])
    return np.flatnonzero(chosen), np.flatnonzero(~chosen)
