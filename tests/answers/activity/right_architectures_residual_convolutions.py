# ---
# assignment: activity
# expect: full
# why: residual connections added with a plus sign
# ---
# %% after architectures
import keras
from keras import layers


def residual(input_shape, n_classes, regularised=True):
    x = inputs = keras.Input(input_shape)
    x = layers.Conv1D(16, 7, strides=2, padding="same")(x)
    for _ in range(2):
        shortcut = x
        x = layers.BatchNormalization()(layers.Conv1D(16, 3, padding="same")(x))
        x = layers.ReLU()(x + shortcut)
    x = layers.GlobalAveragePooling1D()(x)
    model = keras.Model(inputs, layers.Dense(n_classes, activation="softmax")(x))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


ARCHITECTURES["cnn"] = residual
