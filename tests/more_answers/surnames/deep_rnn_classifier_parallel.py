# ---
# assignment: surnames
# expect: {deep_rnn_classifier: lost}
# why: "the layers stand side by side, not one on the other"
# ---
# %% deep_rnn_classifier
def build_deep_rnn_classifier(input_shape, n_classes, units):
    inputs = keras.Input(input_shape)
    x = layers.Masking()(inputs)
    states = [layers.SimpleRNN(n)(x) for n in units]
    model = keras.Model(inputs, layers.Dense(n_classes, activation="softmax")(layers.Concatenate()(states)))
    model.compile("adam", "sparse_categorical_crossentropy")
    return model
