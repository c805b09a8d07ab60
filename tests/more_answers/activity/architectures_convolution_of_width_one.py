# ---
# assignment: activity
# expect: {architectures: lost}
# why: convolutions whose windows are one sample wide look at no neighbours
# ---
# %% after architectures
import keras
from keras import layers


def narrow(input_shape, n_classes, regularised=True):
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Conv1D(16, 1, activation="relu"),
            layers.GlobalMaxPooling1D(),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


ARCHITECTURES = {name: build for name, build in ARCHITECTURES.items() if "cnn" not in name or "rnn" in name}
ARCHITECTURES |= {"cnn": narrow, "cnn_2d": narrow, "cnn_fine": narrow}
