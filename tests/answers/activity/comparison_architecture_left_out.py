# ---
# assignment: activity
# expect: {comparison: lost}
# why: the RNN is not compared
# ---
# %% after comparison
SETTINGS = [setting for setting in SETTINGS if setting["architecture"] != "rnn"]
