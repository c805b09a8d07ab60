# ---
# assignment: sequential_mnist
# expect: {search_space: lost}
# why: sizes that are no whole numbers
# ---
# %% search_space
SEARCH_SPACE = {kind: {"hidden_size": [32.5, 64.0], "learning_rate": [0.003, 0.01]} for kind in ("rnn", "gru", "lstm")}
