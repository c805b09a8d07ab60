# ---
# assignment: theory
# expect: {own_parameter_count: none}
# why: nothing is filled in
# ---
# %% own_parameter_count
OWN_PARAMETERS = {
    "rnn_one_bias": None,
    "rnn_two_biases": None,
    "lstm_one_bias": None,
    "lstm_two_biases": None,
    "gru_one_bias": None,
    "gru_two_biases": None,
    "bidirectional_lstm_one_bias": None,
    "bidirectional_gru_two_biases": None,
}
