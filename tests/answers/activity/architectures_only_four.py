# ---
# assignment: activity
# expect: {architectures: lost}
# why: two of six are left out
# ---
# %% after architectures
del ARCHITECTURES["cnn_2d"], ARCHITECTURES["cnn"]
