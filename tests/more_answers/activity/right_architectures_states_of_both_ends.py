# ---
# assignment: activity
# expect: full
# why: a pure RNN that reads the window from either end
# ---
# %% after architectures
import keras
from keras import layers


def both_ends(input_shape, n_classes):
    inputs = keras.Input(input_shape)
    x = layers.AveragePooling1D(8)(inputs)
    states = [layers.SimpleRNN(8)(x), layers.SimpleRNN(8, go_backwards=True)(x)]
    outputs = layers.Dense(n_classes, activation="softmax")(layers.Average()(states))
    model = keras.Model(inputs, outputs)
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


ARCHITECTURES["rnn"] = both_ends
