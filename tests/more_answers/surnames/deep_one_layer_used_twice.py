# ---
# assignment: surnames
# expect: {deep_rnn_classifier: lost}
# why: both layers share their weights
# ---
# %% deep_rnn_classifier
def build_deep_rnn_classifier(input_shape, n_classes, units):
    x = inputs = keras.Input(input_shape)
    x = layers.Masking()(x)
    x = layers.SimpleRNN(units[0], return_sequences=True)(x)
    shared = layers.SimpleRNN(units[0], return_sequences=True)
    for _ in units[1:]:
        x = shared(x)
    x = layers.Lambda(lambda states: states[:, -1])(x)
    model = keras.Model(inputs, layers.Dense(n_classes, activation="softmax")(x))
    model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy")
    return model
