# ---
# assignment: activity
# expect: {architectures: lost}
# why: a subclass of keras.Model instead of Sequential or functional
# ---
# %% after architectures
import keras
from keras import layers


class Network(keras.Model):
    def __init__(self, n_classes):
        super().__init__()
        self.hidden = layers.Dense(16, activation="relu")
        self.out = layers.Dense(n_classes, activation="softmax")

    def call(self, inputs):
        return self.out(self.hidden(keras.ops.reshape(inputs, (-1, inputs.shape[1] * inputs.shape[2]))))


def subclassed(input_shape, n_classes, regularised=True):
    model = Network(n_classes)
    model.build((None, *input_shape))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


ARCHITECTURES["mlp"] = subclassed
