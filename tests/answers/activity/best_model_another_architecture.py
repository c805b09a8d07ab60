# ---
# assignment: activity
# expect: {best_model: lost}
# why: the simplest architecture instead of the one that validation chose
# ---
# %% after best_model
best_architecture = "mlp"
