# ---
# assignment: sequential_mnist
# expect: {search_space: lost}
# why: a list of settings in place of a space
# ---
# %% search_space
SEARCH_SPACE = {kind: grid(hidden_size=[32, 64], learning_rate=[0.003, 0.01]) for kind in ("rnn", "gru", "lstm")}
