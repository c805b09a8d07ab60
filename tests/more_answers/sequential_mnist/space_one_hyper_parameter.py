# ---
# assignment: sequential_mnist
# expect: {search_space: lost}
# why: only the size is varied
# ---
# %% search_space
SEARCH_SPACE = {kind: {"hidden_size": [16, 32, 64, 128]} for kind in ("rnn", "gru", "lstm")}
