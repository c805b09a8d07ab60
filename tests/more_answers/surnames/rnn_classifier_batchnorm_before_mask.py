# ---
# assignment: surnames
# expect: {rnn_classifier: lost}
# why: "batch normalisation before the mask: once trained, padding is no longer zero"
# ---
# %% rnn_classifier
def build_rnn_classifier(input_shape, n_classes, units):
    model = keras.Sequential([keras.Input(input_shape), layers.BatchNormalization(), layers.Masking(), layers.SimpleRNN(units), layers.Dense(n_classes, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
