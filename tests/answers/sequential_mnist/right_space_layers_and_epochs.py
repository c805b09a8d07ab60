# ---
# assignment: sequential_mnist
# expect: full
# why: three kinds, three hyper-parameters each, one of them with a single value
# ---
# %% search_space
KINDS = ["rnn", "gru", "lstm"]
SEARCH_SPACE = {
    kind: {"num_layers": [1, 2], "hidden_size": [32, 64], "learning_rate": [0.001, 0.003, 0.01], "epochs": [20]}
    for kind in KINDS
}
