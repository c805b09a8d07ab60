# ---
# assignment: activity
# expect: {architectures: lost}
# why: without Flatten the MLP predicts a class for every time step
# ---
# %% after architectures
import keras
from keras import layers


def steps(input_shape, n_classes, regularised=True):
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Dense(16, activation="relu"),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


ARCHITECTURES["mlp"] = steps
