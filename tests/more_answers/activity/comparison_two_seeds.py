# ---
# assignment: activity
# expect: {comparison: lost}
# why: two seeds
# ---
# %% after comparison
SEEDS = SEEDS[:2]
