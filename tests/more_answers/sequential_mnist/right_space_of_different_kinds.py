# ---
# assignment: sequential_mnist
# expect: full
# why: kinds have different spaces, num_layers in place of hidden_size, epochs too
# ---
# %% search_space
_rates = [1e-3, 3e-3, 1e-2]
SEARCH_SPACE = dict(
    rnn=dict(learning_rate=_rates[:2], hidden_size=[32, 64]),
    gru=dict(learning_rate=_rates[1:], num_layers=[1, 2]),
    lstm=dict(hidden_size=[48], learning_rate=_rates[1:], epochs=[20, 30]),
)
