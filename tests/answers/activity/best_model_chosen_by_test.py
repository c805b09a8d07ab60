# ---
# assignment: activity
# expect: {best_model: lost}
# why: the architecture that is best on the test windows
# ---
# %% after best_model
best_architecture = comparison.groupby(choices)["test_accuracy"].mean().idxmax()[0]
