# ---
# assignment: sequential_mnist
# expect: {search_space: lost}
# why: one space for all, without the level of the kinds
# ---
# %% search_space
SEARCH_SPACE = {"hidden_size": [32, 64], "learning_rate": [0.003, 0.01]}
