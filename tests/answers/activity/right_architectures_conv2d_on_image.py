# ---
# assignment: activity
# expect: full
# why: Conv2D on the windows as images, with noise, two kinds of pooling and an L2 penalty
# ---
# %% after architectures
import keras
from keras import layers


def image(input_shape, n_classes, regularised=True):
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Reshape((*input_shape, 1)),
            layers.GaussianNoise(0.05),
            layers.Conv2D(8, (5, 3), strides=(2, 1), padding="same", activation="relu"),
            layers.MaxPooling2D((4, 3)),
            layers.Conv2D(16, (3, 1), activation="elu"),
            layers.AveragePooling2D((2, 1)),
            layers.Flatten(),
            layers.Dense(16, activation="relu", kernel_regularizer="l2"),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


ARCHITECTURES["cnn_2d"] = image
