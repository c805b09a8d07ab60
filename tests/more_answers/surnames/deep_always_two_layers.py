# ---
# assignment: surnames
# expect: {deep_rnn_classifier: lost}
# why: two layers, however many are asked for
# ---
# %% deep_rnn_classifier
def build_deep_rnn_classifier(input_shape, n_classes, units):
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Masking(),
            layers.SimpleRNN(units[0], return_sequences=True),
            layers.SimpleRNN(units[1]),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy")
    return model
