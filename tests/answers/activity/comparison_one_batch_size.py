# ---
# assignment: activity
# expect: {comparison: lost}
# why: one batch size only
# ---
# %% after comparison
SETTINGS = [setting for setting in SETTINGS if setting["batch_size"] == 32]
