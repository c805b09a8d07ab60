# ---
# assignment: activity
# expect: {comparison: lost}
# why: nothing is trained without regularisation
# ---
# %% after comparison
SETTINGS = [setting for setting in SETTINGS if setting["regularised"]]
