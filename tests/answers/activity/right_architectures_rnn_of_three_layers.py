# ---
# assignment: activity
# expect: full
# why: a pure RNN of three layers, normalised in between
# ---
# %% after architectures
import keras
from keras import layers


def deep_rnn(input_shape, n_classes, regularised=True):
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.AveragePooling1D(4),
            layers.SimpleRNN(12, return_sequences=True),
            layers.LayerNormalization(),
            layers.SimpleRNN(12, return_sequences=True),
            layers.SimpleRNN(12, activation="relu"),
            layers.Dropout(0.2),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


ARCHITECTURES["rnn"] = deep_rnn
