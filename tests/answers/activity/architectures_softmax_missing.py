# ---
# assignment: activity
# expect: {architectures: lost}
# why: the softmax is missing, though the loss expects probabilities
# ---
# %% after architectures
import keras
from keras import layers


def bare(input_shape, n_classes, regularised=True):
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Flatten(),
            layers.Dense(16, activation="relu"),
            layers.Dense(n_classes),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


ARCHITECTURES["mlp"] = bare
