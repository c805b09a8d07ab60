# ---
# assignment: keras_sequences
# expect: full
# why: the softmax as a layer of its own, a numpy mean
# ---
# %% masked_mean
import numpy as np


def masked_mean(sequences, lengths):
    values = [row[:n].mean(axis=0) for row, n in zip(sequences.numpy(), lengths.numpy())]
    return tf.constant(np.stack(values))


# %% tagger
def tagger(features, classes, units=8):
    inputs = keras.Input(shape=(None, features))
    x = layers.Bidirectional(layers.LSTM(units, return_sequences=True))(inputs)
    x = layers.Dense(classes)(x)
    return keras.Model(inputs, layers.Softmax()(x))
