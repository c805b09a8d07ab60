# ---
# assignment: surnames
# expect: {deep_rnn_classifier: lost}
# why: "the second layer reads the last state again and again"
# ---
# %% deep_rnn_classifier
def build_deep_rnn_classifier(input_shape, n_classes, units):
    model = keras.Sequential([keras.Input(input_shape), layers.Masking()])
    for n in units[:-1]:
        model.add(layers.SimpleRNN(n))
        model.add(layers.RepeatVector(input_shape[0]))
    model.add(layers.SimpleRNN(units[-1]))
    model.add(layers.Dense(n_classes, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy")
    return model
