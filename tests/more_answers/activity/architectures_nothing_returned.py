# ---
# assignment: activity
# expect: {architectures: lost}
# why: return is missing
# ---
# %% after architectures
import keras
from keras import layers


def silent(input_shape, n_classes, regularised=True):
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Flatten(),
            layers.Dense(16, activation="relu"),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])


ARCHITECTURES["mlp"] = silent
