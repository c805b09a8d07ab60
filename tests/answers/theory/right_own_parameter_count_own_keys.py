# ---
# assignment: theory
# expect: full
# why: the keys are typed with spaces and capitals
# ---
# %% own_parameter_count
sizes = own_sizes(STUDENT_ID)
d, a, b, k = sizes.features, sizes.hidden_1, sizes.hidden_2, sizes.classes


def count(blocks, biases, ways=1):
    first = ways * blocks * a * (d + a + biases)
    second = ways * blocks * b * (ways * a + b + biases)
    return first + second + ways * b * k + k


OWN_PARAMETERS = {
    "RNN one bias": count(1, 1),
    "RNN two biases": count(1, 2),
    "LSTM one bias": count(4, 1),
    "LSTM two biases": count(4, 2),
    "GRU one bias": count(3, 1),
    "GRU two biases": count(3, 2),
    "Bidirectional-LSTM one bias": count(4, 1, ways=2),
    "Bidirectional-GRU two biases": count(3, 2, ways=2),
}
