# ---
# assignment: activity
# expect: {architectures: lost}
# why: an LSTM, which is not allowed
# ---
# %% after architectures
import keras
from keras import layers


def lstm(input_shape, n_classes, regularised=True):
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.AveragePooling1D(4),
            layers.LSTM(16),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


ARCHITECTURES["rnn"] = lstm
