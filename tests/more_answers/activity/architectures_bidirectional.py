# ---
# assignment: activity
# expect: {architectures: lost}
# why: Bidirectional is not allowed
# ---
# %% after architectures
import keras
from keras import layers


def both(input_shape, n_classes, regularised=True):
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.AveragePooling1D(4),
            layers.Bidirectional(layers.SimpleRNN(8)),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


ARCHITECTURES["rnn"] = both
