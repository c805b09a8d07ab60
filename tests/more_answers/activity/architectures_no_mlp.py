# ---
# assignment: activity
# expect: {architectures: lost}
# why: "no MLP: the entry of that name has convolutions"
# ---
# %% after architectures
ARCHITECTURES["mlp"] = build_cnn
