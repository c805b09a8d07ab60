# ---
# assignment: activity
# expect: full
# why: a fifth of the subjects, drawn with a seed of its own
# ---
# %% after comparison
def validation_split(subjects):
    names = np.random.default_rng(11).permutation(np.unique(subjects))
    n_held = max(1, round(0.2 * len(names)))
    chosen = np.isin(subjects, names[:n_held])
    return np.flatnonzero(~chosen), np.flatnonzero(chosen)
