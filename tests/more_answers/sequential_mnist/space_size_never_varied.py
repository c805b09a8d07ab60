# ---
# assignment: sequential_mnist
# expect: {search_space: lost}
# why: the network itself is never varied
# ---
# %% search_space
SEARCH_SPACE = {kind: {"batch_size": [16, 64], "learning_rate": [0.003, 0.01]} for kind in ("rnn", "gru", "lstm")}
