# ---
# assignment: activity
# expect: {architectures: lost}
# why: a Lambda layer, which is not allowed
# ---
# %% after architectures
import keras
from keras import layers


def magnitudes(input_shape, n_classes, regularised=True):
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Lambda(lambda x: keras.ops.abs(x), output_shape=input_shape),
            layers.Flatten(),
            layers.Dense(16, activation="relu"),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


ARCHITECTURES["mlp"] = magnitudes
