# ---
# assignment: surnames
# expect: {deep_rnn_classifier: lost}
# why: no Masking layer
# ---
# %% deep_rnn_classifier
def build_deep_rnn_classifier(input_shape, n_classes, units):
    x = inputs = keras.Input(input_shape)
    for i, n in enumerate(units):
        x = layers.SimpleRNN(n, return_sequences=i < len(units) - 1)(x)
    model = keras.Model(inputs, layers.Dense(n_classes, activation="softmax")(x))
    model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy")
    return model
