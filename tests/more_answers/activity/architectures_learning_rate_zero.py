# ---
# assignment: activity
# expect: {architectures: lost}
# why: a learning rate of zero
# ---
# %% after architectures
import keras
from keras import layers


def still(input_shape, n_classes, regularised=True):
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Flatten(),
            layers.Dense(16, activation="relu"),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.0), "sparse_categorical_crossentropy")
    return model


ARCHITECTURES["mlp"] = still
