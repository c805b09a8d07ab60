# ---
# assignment: activity
# expect: {comparison: lost}
# why: the last fifth of the windows, which cuts through a subject
# ---
# %% after comparison
def validation_split(subjects):
    cut = int(0.8 * len(subjects))
    return np.arange(cut), np.arange(cut, len(subjects))
