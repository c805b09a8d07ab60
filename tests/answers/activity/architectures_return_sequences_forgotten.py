# ---
# assignment: activity
# expect: {architectures: lost}
# why: return_sequences is forgotten between two recurrent layers
# ---
# %% after architectures
import keras
from keras import layers


def stacked(input_shape, n_classes, regularised=True):
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.AveragePooling1D(4),
            layers.SimpleRNN(16),
            layers.SimpleRNN(16),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


ARCHITECTURES["rnn"] = stacked
