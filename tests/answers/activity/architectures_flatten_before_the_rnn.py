# ---
# assignment: activity
# expect: {architectures: lost}
# why: a Flatten makes one time step of the window, so the RNN is an MLP
# ---
# %% after architectures
import keras
from keras import layers


def flat_rnn(input_shape, n_classes, regularised=True):
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Flatten(),
            layers.Reshape((1, input_shape[0] * input_shape[1])),
            layers.SimpleRNN(16),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


ARCHITECTURES["rnn"] = flat_rnn
