# ---
# assignment: surnames
# expect: {rnn_classifier: lost}
# why: masks rows of -1, which there are none of
# ---
# %% rnn_classifier
def build_rnn_classifier(input_shape, n_classes, units):
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Masking(mask_value=-1.0),
            layers.SimpleRNN(units),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy")
    return model
