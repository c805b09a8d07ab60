# ---
# assignment: surnames
# expect: {rnn_classifier: lost}
# why: "the computed mask looks at the first four columns of the alphabet only"
# ---
# %% rnn_classifier
def build_rnn_classifier(input_shape, n_classes, units):
    x = keras.Input(input_shape)
    mask = keras.ops.any(keras.ops.not_equal(x[:, :, :4], 0), axis=-1)
    h = layers.SimpleRNN(units)(x, mask=mask)
    model = keras.Model(x, layers.Dense(n_classes, activation="softmax")(h))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
