# ---
# assignment: surnames
# expect: {rnn_classifier: lost}
# why: pooled letters and Dense layers, no recurrent layer
# ---
# %% rnn_classifier
def build_rnn_classifier(input_shape, n_classes, units):
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Masking(),
            layers.GlobalAveragePooling1D(),
            layers.Dense(units, activation="tanh"),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy")
    return model
