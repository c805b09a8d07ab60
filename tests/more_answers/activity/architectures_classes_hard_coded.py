# ---
# assignment: activity
# expect: {architectures: lost}
# why: six classes, whatever n_classes is
# ---
# %% after architectures
import keras
from keras import layers


def six(input_shape, n_classes, regularised=True):
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Flatten(),
            layers.Dense(16, activation="relu"),
            layers.Dense(6, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


ARCHITECTURES["mlp"] = six
