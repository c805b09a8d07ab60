# ---
# assignment: sequential_mnist
# expect: {search_space: lost}
# why: the same value twice
# ---
# %% search_space
SEARCH_SPACE = {kind: {"hidden_size": [64, 64], "learning_rate": [0.003, 0.003]} for kind in ("rnn", "gru", "lstm")}
