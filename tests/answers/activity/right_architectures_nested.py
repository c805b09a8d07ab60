# ---
# assignment: activity
# expect: full
# why: models inside a model, and the softmax as a layer of its own
# ---
# %% after architectures
import keras
from keras import layers


def nested(input_shape, n_classes, regularised=True):
    encoder = keras.Sequential([keras.Input(input_shape), layers.Conv1D(16, 5, strides=4), layers.Activation("tanh")])
    head = keras.Sequential([layers.SimpleRNN(16, dropout=0.2), layers.Dense(n_classes), layers.Softmax()])
    model = keras.Sequential([keras.Input(input_shape), encoder, head])
    model.compile("rmsprop", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


ARCHITECTURES["cnn_rnn"] = nested
