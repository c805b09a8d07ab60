# ---
# assignment: activity
# expect: full
# why: the same by sorting
# ---
# %% after best_model
means = comparison.groupby(["architecture", "regularised", "batch_size", "epochs"], as_index=False).mean(
    numeric_only=True
)
best_architecture = str(means.sort_values("val_accuracy")["architecture"].iloc[-1])
