# ---
# assignment: surnames
# expect: {rnn_classifier: lost}
# why: it is not trained at all
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
    model.compile(keras.optimizers.SGD(0.0), "sparse_categorical_crossentropy")
    return model
