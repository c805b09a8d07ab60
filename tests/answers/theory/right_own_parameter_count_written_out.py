# ---
# assignment: theory
# expect: full
# why: numbers worked out on paper, below the id that they belong to
# ---
# %% own_parameter_count
STUDENT_ID = "s1234567"
OWN_PARAMETERS = {
    "rnn_one_bias": 15281,
    "rnn_two_biases": 15401,
    "lstm_one_bias": 58625,
    "lstm_two_biases": 59105,
    "gru_one_bias": 44177,
    "gru_two_biases": 44537,
    "bidirectional_lstm_one_bias": 144881,
    "bidirectional_gru_two_biases": 109793,
}
