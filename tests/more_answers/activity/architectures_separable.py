# ---
# assignment: activity
# expect: {architectures: lost}
# why: a separable convolution, which is not in the list
# ---
# %% after architectures
import keras
from keras import layers


def separable(input_shape, n_classes, regularised=True):
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.SeparableConv1D(16, 5),
            layers.GlobalMaxPooling1D(),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


ARCHITECTURES["cnn"] = separable
