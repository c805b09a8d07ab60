# ---
# assignment: activity
# expect: full
# why: a functional mixture with a recurrent and a convolutional branch
# ---
# %% after architectures
import keras
from keras import layers


def branches(input_shape, n_classes, regularised=True):
    inputs = keras.Input(input_shape)
    steps = layers.Conv1D(16, 5, strides=4, padding="causal", activation="relu")(inputs)
    states = layers.SimpleRNN(12)(layers.SpatialDropout1D(0.1)(steps))
    features = layers.GlobalMaxPooling1D()(layers.Conv1D(16, 9, dilation_rate=2, activation="relu")(inputs))
    merged = layers.Concatenate()([states, features])
    outputs = layers.Dense(n_classes, activation="softmax")(layers.Dropout(0.3)(merged))
    model = keras.Model(inputs, outputs)
    model.compile(keras.optimizers.Adam(2e-3), keras.losses.SparseCategoricalCrossentropy(), metrics=["accuracy"])
    return model


ARCHITECTURES["cnn_rnn"] = branches
