# ---
# assignment: activity
# expect: {comparison: lost}
# why: the numbers of the subjects are returned instead of indices of windows
# ---
# %% after comparison
def validation_split(subjects):
    names = np.unique(subjects)
    n_held = max(1, len(names) // 5)
    return names[n_held:], names[:n_held]
