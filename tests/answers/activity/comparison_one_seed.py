# ---
# assignment: activity
# expect: {comparison: lost}
# why: one seed only
# ---
# %% after comparison
SEEDS = SEEDS[1:2]
