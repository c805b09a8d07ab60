# ---
# assignment: theory
# expect: {own_parameter_count: 0.625}
# why: counts the two gates of a GRU and forgets the candidate
# ---
# %% own_parameter_count
sizes = own_sizes(STUDENT_ID)
d, a, b, k = sizes.features, sizes.hidden_1, sizes.hidden_2, sizes.classes


def count(blocks, biases, ways=1):
    first = ways * blocks * a * (d + a + biases)
    second = ways * blocks * b * (ways * a + b + biases)
    return first + second + ways * b * k + k


OWN_PARAMETERS = {
    "rnn_one_bias": count(1, 1),
    "rnn_two_biases": count(1, 2),
    "lstm_one_bias": count(4, 1),
    "lstm_two_biases": count(4, 2),
    "gru_one_bias": count(2, 1),
    "gru_two_biases": count(2, 2),
    "bidirectional_lstm_one_bias": count(4, 1, ways=2),
    "bidirectional_gru_two_biases": count(2, 2, ways=2),
}
