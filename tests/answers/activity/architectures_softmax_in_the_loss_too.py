# ---
# assignment: activity
# expect: {architectures: lost}
# why: the loss applies a second softmax
# ---
# %% after architectures
import keras
from keras import layers


def again(input_shape, n_classes, regularised=True):
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Flatten(),
            layers.Dense(16, activation="relu"),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    return model


ARCHITECTURES["mlp"] = again
