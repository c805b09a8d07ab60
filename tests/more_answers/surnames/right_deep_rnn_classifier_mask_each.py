# ---
# assignment: surnames
# expect: full
# why: "a computed mask that each layer is given"
# ---
# %% deep_rnn_classifier
def build_deep_rnn_classifier(input_shape, n_classes, units):
    names = keras.Input(input_shape)
    mask = keras.ops.max(names, axis=-1) > 0
    x = names
    for size in units[:-1]:
        x = layers.SimpleRNN(size, return_sequences=True)(x, mask=mask)
    x = layers.SimpleRNN(units[-1])(x, mask=mask)
    model = keras.Model(names, layers.Softmax()(layers.Dense(n_classes)(x)))
    model.compile("adam", "sparse_categorical_crossentropy")
    return model
