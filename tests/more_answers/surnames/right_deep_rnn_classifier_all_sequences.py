# ---
# assignment: surnames
# expect: full
# why: "all layers hand on all states; the last step is taken at the end"
# ---
# %% deep_rnn_classifier
def build_deep_rnn_classifier(input_shape, n_classes, units):
    inputs = keras.Input(input_shape)
    x = layers.Masking()(inputs)
    for size in units:
        x = layers.SimpleRNN(size, return_sequences=True)(x)
    outputs = layers.Dense(n_classes, activation="softmax")(x[:, -1])
    model = keras.Model(inputs, outputs)
    model.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
