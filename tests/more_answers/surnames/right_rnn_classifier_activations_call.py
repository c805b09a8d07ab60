# ---
# assignment: surnames
# expect: full
# why: "keras.activations.softmax called on the logits"
# ---
# %% rnn_classifier
def build_rnn_classifier(input_shape, n_classes, units):
    i = keras.Input(shape=input_shape)
    o = keras.activations.softmax(layers.Dense(n_classes)(layers.SimpleRNN(units)(layers.Masking()(i))))
    m = keras.Model(i, o)
    m.compile(loss="sparse_categorical_crossentropy", optimizer="rmsprop", metrics=["accuracy"])
    return m
