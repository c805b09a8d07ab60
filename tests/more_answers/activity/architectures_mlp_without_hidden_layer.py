# ---
# assignment: activity
# expect: {architectures: lost}
# why: softmax regression is taken for an MLP
# ---
# %% after architectures
import keras
from keras import layers


def regression(input_shape, n_classes, regularised=True):
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Flatten(),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


ARCHITECTURES["mlp"] = regression
