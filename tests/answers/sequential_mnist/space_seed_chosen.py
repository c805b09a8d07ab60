# ---
# assignment: sequential_mnist
# expect: {search_space: lost}
# why: the seed is a hyper-parameter
# ---
# %% search_space
SEARCH_SPACE = {kind: {"hidden_size": [32, 64], "seed": [0, 1, 2]} for kind in ("rnn", "gru", "lstm")}
