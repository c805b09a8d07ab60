# ---
# assignment: surnames
# expect: {rnn_classifier: lost}
# why: mean squared error between class ids and probabilities
# ---
# %% rnn_classifier
def build_rnn_classifier(input_shape, n_classes, units):
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Masking(),
            layers.SimpleRNN(units),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
    model.compile("adam", "mse")
    return model
