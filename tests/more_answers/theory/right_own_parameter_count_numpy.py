# ---
# assignment: theory
# expect: full
# why: integers of numpy, from an array of shapes
# ---
# %% own_parameter_count
s = own_sizes(STUDENT_ID)


def layer(inputs, hidden, blocks, biases):
    shapes = np.array([(inputs, hidden), (hidden, hidden), (biases, hidden)])
    return blocks * shapes.prod(axis=1).sum()


def stack(blocks, biases):
    return layer(s.features, s.hidden_1, blocks, biases) + layer(s.hidden_1, s.hidden_2, blocks, biases)


def both_ways(blocks, biases):
    return 2 * (layer(s.features, s.hidden_1, blocks, biases) + layer(2 * s.hidden_1, s.hidden_2, blocks, biases))


top, wide_top = np.int64((s.hidden_2 + 1) * s.classes), np.int64((2 * s.hidden_2 + 1) * s.classes)
OWN_PARAMETERS = {
    f"{name}_{convention}": stack(blocks, biases) + top
    for name, blocks in (("rnn", 1), ("gru", 3), ("lstm", 4))
    for convention, biases in (("one_bias", 1), ("two_biases", 2))
}
OWN_PARAMETERS["bidirectional_gru_two_biases"] = both_ways(3, 2) + wide_top
OWN_PARAMETERS["bidirectional_lstm_one_bias"] = both_ways(4, 1) + wide_top
