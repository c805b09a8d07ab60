# ---
# assignment: activity
# expect: {architectures: lost}
# why: an LSTM that calls itself Dropout
# ---
# %% after architectures
import keras
from keras import layers


class Dropout(layers.LSTM):
    """Named like a layer that is allowed."""


Dropout.__module__ = layers.Dropout.__module__


def disguised(input_shape, n_classes, regularised=True):
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.AveragePooling1D(4),
            Dropout(16),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


ARCHITECTURES["mlp"] = disguised
