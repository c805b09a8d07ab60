# ---
# assignment: surnames
# expect: {deep_rnn_classifier: lost}
# why: "an operation between the layers drops the mask"
# ---
# %% deep_rnn_classifier
def build_deep_rnn_classifier(input_shape, n_classes, units):
    inputs = keras.Input(input_shape)
    x = layers.Masking()(inputs)
    for size in units[:-1]:
        x = keras.ops.relu(layers.SimpleRNN(size, return_sequences=True)(x))
    x = layers.SimpleRNN(units[-1])(x)
    model = keras.Model(inputs, layers.Dense(n_classes, activation="softmax")(x))
    model.compile("adam", "sparse_categorical_crossentropy")
    return model
