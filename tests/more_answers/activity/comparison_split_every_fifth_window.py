# ---
# assignment: activity
# expect: {comparison: lost}
# why: every fifth window, whose neighbours overlap with it
# ---
# %% after comparison
def validation_split(subjects):
    chosen = np.arange(len(subjects)) % 5 == 0
    return np.flatnonzero(~chosen), np.flatnonzero(chosen)
