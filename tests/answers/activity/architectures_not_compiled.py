# ---
# assignment: activity
# expect: {architectures: lost}
# why: the model is not compiled
# ---
# %% after architectures
import keras
from keras import layers


def raw(input_shape, n_classes, regularised=True):
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Flatten(),
            layers.Dense(16, activation="relu"),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
    return model


ARCHITECTURES["mlp"] = raw
