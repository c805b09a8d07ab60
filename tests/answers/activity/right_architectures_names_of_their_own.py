# ---
# assignment: activity
# expect: full
# why: five builders of two arguments under other names than those of the runs that came with the hand-in
# ---
# %% architectures
import keras
from keras import layers


def compiled(*hidden):
    def build(input_shape, n_classes):
        model = keras.Sequential([keras.Input(input_shape), *(make() for make in hidden)])
        model.add(layers.Dense(n_classes, activation="softmax"))
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model

    return build


def conv(filters):
    return lambda: layers.Conv1D(filters, 5, activation="relu")


ARCHITECTURES = {
    "dense": compiled(layers.Flatten, lambda: layers.Dense(16, activation="relu")),
    "wide": compiled(layers.Flatten, lambda: layers.Dense(32, activation="tanh"), lambda: layers.Dropout(0.2)),
    "convolution": compiled(conv(8), lambda: layers.MaxPooling1D(4), conv(8), layers.GlobalMaxPooling1D),
    "recurrent": compiled(lambda: layers.AveragePooling1D(8), lambda: layers.SimpleRNN(8)),
    "both": compiled(conv(8), lambda: layers.MaxPooling1D(8), lambda: layers.SimpleRNN(8)),
}
