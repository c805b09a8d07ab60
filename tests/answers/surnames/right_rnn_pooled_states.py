# ---
# assignment: surnames
# expect: full
# why: the states of all steps are averaged under the mask
# ---
# %% rnn_classifier
def build_rnn_classifier(input_shape, n_classes, units):
    inputs = keras.Input(input_shape)
    states = layers.SimpleRNN(units, return_sequences=True)(layers.Masking()(inputs))
    probabilities = layers.Dense(n_classes, activation="softmax")(layers.GlobalAveragePooling1D()(states))
    model = keras.Model(inputs, probabilities)
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    return model
