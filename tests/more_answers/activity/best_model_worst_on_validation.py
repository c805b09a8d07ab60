# ---
# assignment: activity
# expect: {best_model: lost}
# why: min instead of max
# ---
# %% after best_model
best_architecture = comparison.groupby("architecture")["val_accuracy"].mean().idxmin()
