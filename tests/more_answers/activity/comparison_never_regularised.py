# ---
# assignment: activity
# expect: {comparison: lost}
# why: nothing is trained with regularisation
# ---
# %% after comparison
SETTINGS = [setting for setting in SETTINGS if not setting["regularised"]]
