# ---
# assignment: surnames
# expect: {deep_rnn_classifier: lost}
# why: "takes the last entry out of the caller's list"
# ---
# %% deep_rnn_classifier
def build_deep_rnn_classifier(input_shape, n_classes, units):
    last = units.pop()
    model = keras.Sequential([keras.Input(input_shape), layers.Masking(), *[layers.SimpleRNN(n, return_sequences=True) for n in units], layers.SimpleRNN(last), layers.Dense(n_classes, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    return model
