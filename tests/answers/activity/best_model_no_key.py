# ---
# assignment: activity
# expect: {best_model: lost}
# why: a name that is no key of ARCHITECTURES
# ---
# %% after best_model
best_architecture = "CNN"
