# ---
# assignment: activity
# expect: {architectures: lost}
# why: a Flatten hands the states of all time steps to weights of their own
# ---
# %% after architectures
import keras
from keras import layers


def flat_rnn(input_shape, n_classes, regularised=True):
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.AveragePooling1D(4),
            layers.SimpleRNN(16, return_sequences=True),
            layers.Flatten(),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


ARCHITECTURES["rnn"] = flat_rnn
