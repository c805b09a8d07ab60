# ---
# assignment: surnames
# expect: {rnn_classifier: lost}
# why: compile is missing
# ---
# %% rnn_classifier
def build_rnn_classifier(input_shape, n_classes, units):
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Masking(),
            layers.SimpleRNN(units),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
