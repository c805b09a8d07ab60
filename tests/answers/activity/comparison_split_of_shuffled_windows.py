# ---
# assignment: activity
# expect: {comparison: lost}
# why: windows are drawn one by one, so that a subject is on both sides
# ---
# %% after comparison
def validation_split(subjects):
    order = np.random.default_rng(0).permutation(len(subjects))
    n_held = len(subjects) // 5
    return order[n_held:], order[:n_held]
