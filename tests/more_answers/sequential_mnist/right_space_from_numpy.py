# ---
# assignment: sequential_mnist
# expect: full
# why: learning rates from numpy, another space for each kind
# ---
# %% search_space
SEARCH_SPACE = {}
for kind, sizes in (("rnn", [48, 96]), ("gru", [24, 48, 64]), ("lstm", [16, 32])):
    SEARCH_SPACE[kind] = {"hidden_size": sizes, "learning_rate": list(np.logspace(-3, -2, 3)), "batch_size": [16, 64]}
