# ---
# assignment: activity
# expect: {comparison: lost}
# why: the MLP is never trained without regularisation
# ---
# %% after comparison
SETTINGS = [setting for setting in SETTINGS if setting["regularised"] or setting["architecture"] != "mlp"]
