# ---
# assignment: surnames
# expect: full
# why: "only the first layer is given the computed mask; Keras hands it on"
# ---
# %% deep_rnn_classifier
def build_deep_rnn_classifier(input_shape, n_classes, units):
    names = keras.Input(input_shape)
    mask = keras.ops.any(names > 0, axis=-1)
    x = layers.SimpleRNN(units[0], return_sequences=True)(names, mask=mask)
    for size in units[1:-1]:
        x = layers.SimpleRNN(size, return_sequences=True)(x)
    x = layers.SimpleRNN(units[-1])(x)
    model = keras.Model(names, layers.Dense(n_classes, activation="softmax")(x))
    model.compile("adam", "sparse_categorical_crossentropy")
    return model
