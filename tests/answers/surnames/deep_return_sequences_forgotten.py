# ---
# assignment: surnames
# expect: {deep_rnn_classifier: none}
# why: the first layer gives its last state only
# ---
# %% deep_rnn_classifier
def build_deep_rnn_classifier(input_shape, n_classes, units):
    model = keras.Sequential([keras.Input(input_shape), layers.Masking()])
    for n in units:
        model.add(layers.SimpleRNN(n))
    model.add(layers.Dense(n_classes, activation="softmax"))
    model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy")
    return model
