# ---
# assignment: surnames
# expect: {rnn_classifier: lost}
# why: softmax in the layer, and again in the loss (from_logits)
# ---
# %% rnn_classifier
def build_rnn_classifier(input_shape, n_classes, units):
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Masking(),
            layers.SimpleRNN(units),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.003), loss)
    return model
