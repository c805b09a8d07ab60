# ---
# assignment: activity
# expect: {architectures: lost}
# why: a shape that only windows of 128 samples have
# ---
# %% after architectures
import keras
from keras import layers


def fixed(input_shape, n_classes, regularised=True):
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Reshape((32, 36)),
            layers.Conv1D(16, 3, activation="relu"),
            layers.GlobalMaxPooling1D(),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


ARCHITECTURES["cnn_2d"] = fixed
