# ---
# assignment: activity
# expect: full
# why: the setting with the best mean over its seeds, by pandas alone
# ---
# %% after best_model
means = comparison.groupby(list(SETTINGS[0]))["val_accuracy"].mean()
best_architecture = means.idxmax()[0]
