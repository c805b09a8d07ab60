# ---
# assignment: activity
# expect: {comparison: lost}
# why: boolean masks instead of indices
# ---
# %% after comparison
def validation_split(subjects):
    names = np.unique(subjects)
    chosen = np.isin(subjects, names[: max(1, len(names) // 5)])
    return ~chosen, chosen
