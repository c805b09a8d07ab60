# ---
# assignment: activity
# expect: {architectures: lost}
# why: a built model stands where a function should
# ---
# %% after architectures
ARCHITECTURES["mlp"] = build_mlp(INPUT_SHAPE, N_CLASSES)
