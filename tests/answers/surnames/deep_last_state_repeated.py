# ---
# assignment: surnames
# expect: {deep_rnn_classifier: lost}
# why: the last state is repeated for the second layer, and the mask is lost
# ---
# %% deep_rnn_classifier
def build_deep_rnn_classifier(input_shape, n_classes, units):
    x = inputs = keras.Input(input_shape)
    for i, n in enumerate(units):
        if i:
            x = layers.RepeatVector(input_shape[0])(x)
        x = layers.SimpleRNN(n)(x)
    model = keras.Model(inputs, layers.Dense(n_classes, activation="softmax")(x))
    model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy")
    return model
