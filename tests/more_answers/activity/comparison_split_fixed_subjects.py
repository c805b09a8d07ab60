# ---
# assignment: activity
# expect: {comparison: lost}
# why: subjects that are written down, whoever is in the data
# ---
# %% after comparison
def validation_split(subjects):
    chosen = np.isin(subjects, [101, 102, 103])
    return np.flatnonzero(~chosen), np.flatnonzero(chosen)
