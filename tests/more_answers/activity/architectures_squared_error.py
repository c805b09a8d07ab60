# ---
# assignment: activity
# expect: {architectures: lost}
# why: squared error between class ids and probabilities
# ---
# %% after architectures
import keras
from keras import layers


def wrong_loss(input_shape, n_classes, regularised=True):
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Flatten(),
            layers.Dense(16, activation="relu"),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
    model.compile("adam", "mse", metrics=["accuracy"])
    return model


ARCHITECTURES["mlp"] = wrong_loss
