# ---
# assignment: surnames
# expect: {rnn_classifier: lost}
# why: "metrics as the third argument of compile, which are the loss's weights"
# ---
# %% rnn_classifier
def build_rnn_classifier(input_shape, n_classes, units):
    model = keras.Sequential([keras.Input(input_shape), layers.Masking(), layers.SimpleRNN(units), layers.Dense(n_classes, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    return model
