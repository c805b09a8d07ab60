# ---
# assignment: sequential_mnist
# expect: {search_space: lost}
# why: "one value for each hyper-parameter: nothing to choose from"
# ---
# %% search_space
SEARCH_SPACE = {kind: {"hidden_size": [64], "learning_rate": [0.003], "epochs": [30]} for kind in ("rnn", "gru", "lstm")}
