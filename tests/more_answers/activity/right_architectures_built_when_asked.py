# ---
# assignment: activity
# expect: full
# why: a Sequential model without Input, which is built by its first batch
# ---
# %% after architectures
import keras
from keras import layers


def late(input_shape, n_classes, regularised=True):
    model = keras.Sequential(
        [
            layers.Flatten(),
            layers.Dense(16, activation="relu"),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


ARCHITECTURES["mlp"] = late
