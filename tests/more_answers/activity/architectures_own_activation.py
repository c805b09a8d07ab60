# ---
# assignment: activity
# expect: {architectures: lost}
# why: an activation of ones own, which cannot be read from the layer
# ---
# %% after architectures
import keras
from keras import layers


def swish_by_hand(x):
    return x * keras.ops.sigmoid(x)


def own(input_shape, n_classes, regularised=True):
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Flatten(),
            layers.Dense(16, activation=swish_by_hand),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


ARCHITECTURES["mlp"] = own
