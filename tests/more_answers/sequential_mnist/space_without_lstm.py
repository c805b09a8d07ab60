# ---
# assignment: sequential_mnist
# expect: {search_space: lost}
# why: the LSTM is left out
# ---
# %% search_space
SEARCH_SPACE = {kind: {"hidden_size": [32, 64], "learning_rate": [0.003, 0.01]} for kind in ("rnn", "gru")}
