# ---
# assignment: activity
# expect: {comparison: lost}
# why: the notebook's data are split, not the subjects that are passed
# ---
# %% after comparison
def validation_split(subjects):
    names = np.unique(data.train.subjects)
    chosen = np.isin(data.train.subjects, names[:3])
    return np.flatnonzero(~chosen), np.flatnonzero(chosen)
