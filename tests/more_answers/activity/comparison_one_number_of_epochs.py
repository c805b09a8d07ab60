# ---
# assignment: activity
# expect: {comparison: lost}
# why: one number of epochs only
# ---
# %% after comparison
SETTINGS = [setting for setting in SETTINGS if setting["epochs"] == 30]
