# ---
# assignment: sequential_mnist
# expect: {search_space: lost}
# why: exponents in place of learning rates
# ---
# %% search_space
SEARCH_SPACE = {kind: {"hidden_size": [32, 64], "learning_rate": [-3, -2]} for kind in ("rnn", "gru", "lstm")}
