# ---
# assignment: surnames
# expect: {deep_rnn_classifier: lost}
# why: every layer has as many units as the first
# ---
# %% deep_rnn_classifier
def build_deep_rnn_classifier(input_shape, n_classes, units):
    x = inputs = keras.Input(input_shape)
    x = layers.Masking()(x)
    for i in range(len(units)):
        x = layers.SimpleRNN(units[0], return_sequences=i < len(units) - 1)(x)
    model = keras.Model(inputs, layers.Dense(n_classes, activation="softmax")(x))
    model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy")
    return model
