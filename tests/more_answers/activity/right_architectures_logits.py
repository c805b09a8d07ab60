# ---
# assignment: activity
# expect: full
# why: logits without softmax, with a loss that expects logits
# ---
# %% after architectures
import keras
from keras import layers


def logits(input_shape, n_classes, regularised=True):
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Flatten(),
            layers.UnitNormalization(),
            layers.Dense(24),
            layers.LeakyReLU(),
            layers.Dense(n_classes),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.05, momentum=0.9), loss, metrics=["accuracy"])
    return model


ARCHITECTURES["mlp"] = logits
