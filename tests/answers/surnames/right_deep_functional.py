# ---
# assignment: surnames
# expect: full
# why: functional, a loop with enumerate, dropout between the layers
# ---
# %% deep_rnn_classifier
def build_deep_rnn_classifier(input_shape, n_classes, units):
    x = inputs = keras.Input(input_shape)
    x = layers.Masking()(x)
    for i, n in enumerate(units):
        if i:
            x = layers.Dropout(0.1)(x)
        x = layers.SimpleRNN(n, return_sequences=i < len(units) - 1)(x)
    model = keras.Model(inputs, layers.Dense(n_classes, activation="softmax")(x))
    model.compile(keras.optimizers.Nadam(0.005), keras.losses.SparseCategoricalCrossentropy())
    return model
