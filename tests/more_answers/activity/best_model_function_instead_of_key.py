# ---
# assignment: activity
# expect: {best_model: lost}
# why: the function instead of its name
# ---
# %% after best_model
best_architecture = ARCHITECTURES[best_architecture]
