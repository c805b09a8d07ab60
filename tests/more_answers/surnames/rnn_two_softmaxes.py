# ---
# assignment: surnames
# expect: {rnn_classifier: lost}
# why: a Softmax layer behind a Dense layer with softmax
# ---
# %% rnn_classifier
def build_rnn_classifier(input_shape, n_classes, units):
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Masking(),
            layers.SimpleRNN(units),
            layers.Dense(n_classes, activation="softmax"),
            layers.Softmax(),
        ]
    )
    model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy")
    return model
