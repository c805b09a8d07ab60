# ---
# assignment: activity
# expect: {architectures: lost}
# why: "a prediction for every time step: return_sequences stands on the last layer too"
# ---
# %% after architectures
import keras
from keras import layers


def sequences(input_shape, n_classes, regularised=True):
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.AveragePooling1D(4),
            layers.SimpleRNN(16, return_sequences=True),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


ARCHITECTURES["rnn"] = sequences
