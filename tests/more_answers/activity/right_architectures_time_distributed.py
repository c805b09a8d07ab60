# ---
# assignment: activity
# expect: full
# why: convolutions in each of eight pieces, a SimpleRNN over the pieces
# ---
# %% after architectures
import keras
from keras import layers


def patches(input_shape, n_classes, regularised=True):
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Reshape((input_shape[0] // 16, 16, input_shape[1])),
            layers.TimeDistributed(layers.Conv1D(8, 3, activation="relu")),
            layers.TimeDistributed(layers.GlobalMaxPooling1D()),
            layers.SimpleRNN(16),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


ARCHITECTURES["cnn_rnn"] = patches
