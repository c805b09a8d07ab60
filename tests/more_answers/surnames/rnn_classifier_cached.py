# ---
# assignment: surnames
# expect: {rnn_classifier: lost}
# why: "the same model comes back for the same arguments, trained on where it was"
# ---
# %% rnn_classifier
import functools
@functools.lru_cache
def build_rnn_classifier(input_shape, n_classes, units):
    model = keras.Sequential([keras.Input(input_shape), layers.Masking(), layers.SimpleRNN(units), layers.Dense(n_classes, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
