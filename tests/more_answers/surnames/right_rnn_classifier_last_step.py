# ---
# assignment: surnames
# expect: full
# why: "returns all states and takes the last one, which the mask has carried to the end"
# ---
# %% rnn_classifier
def build_rnn_classifier(input_shape, n_classes, units):
    inputs = keras.Input(input_shape)
    states = layers.SimpleRNN(units, return_sequences=True)(layers.Masking()(inputs))
    outputs = layers.Dense(n_classes, activation="softmax")(states[:, -1, :])
    model = keras.Model(inputs, outputs)
    model.compile(keras.optimizers.Adam(2e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
