# ---
# assignment: surnames
# expect: {rnn_classifier: lost}
# why: "dropout also when it predicts"
# ---
# %% rnn_classifier
def build_rnn_classifier(input_shape, n_classes, units):
    x = keras.Input(input_shape)
    h = layers.SimpleRNN(units)(layers.Masking()(x))
    h = layers.Dropout(0.3)(h, training=True)
    model = keras.Model(x, layers.Dense(n_classes, activation="softmax")(h))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
