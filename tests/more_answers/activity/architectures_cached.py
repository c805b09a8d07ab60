# ---
# assignment: activity
# expect: {architectures: lost}
# why: "a builder hands out the same model each time"
# ---
# %% architectures
def start(input_shape):
    inputs = keras.Input(input_shape)
    return inputs, layers.Normalization(mean=CHANNEL_MEAN, variance=CHANNEL_VARIANCE)(inputs)


def finish(inputs, x, n_classes):
    model = keras.Model(inputs, layers.Dense(n_classes, activation="softmax")(x))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


import functools

@functools.cache
def mlp(input_shape, n_classes, regularised=True):
    inputs, x = start(input_shape)
    x = layers.Dense(32, activation="relu")(layers.Flatten()(x))
    x = layers.Dropout(0.3)(x) if regularised else x
    return finish(inputs, x, n_classes)


def cnn(input_shape, n_classes, regularised=True):
    inputs, x = start(input_shape)
    for filters in (8, 16):
        x = layers.Conv1D(filters, 5, activation="relu")(x)
        x = layers.MaxPooling1D(2)(x)
        if regularised:
            x = layers.Dropout(0.2)(x)
    return finish(inputs, layers.GlobalAveragePooling1D()(x), n_classes)


def cnn_2d(input_shape, n_classes, regularised=True):
    inputs, x = start(input_shape)
    x = layers.Reshape((*input_shape, 1))(x)
    x = layers.Conv2D(8, (5, 1), activation="relu")(x)
    x = layers.Conv2D(8, (1, input_shape[1]), activation="relu")(x)
    x = layers.MaxPooling2D((4, 1))(x)
    if regularised:
        x = layers.Dropout(0.3)(x)
    return finish(inputs, layers.Flatten()(x), n_classes)


def rnn(input_shape, n_classes, regularised=True):
    inputs, x = start(input_shape)
    x = layers.AveragePooling1D(4)(x)
    x = layers.SimpleRNN(16)(x)
    if regularised:
        x = layers.Dropout(0.3)(x)
    return finish(inputs, x, n_classes)


def cnn_rnn(input_shape, n_classes, regularised=True):
    inputs, x = start(input_shape)
    x = layers.Conv1D(8, 5, strides=2, activation="relu")(x)
    x = layers.MaxPooling1D(2)(x)
    if regularised:
        x = layers.SpatialDropout1D(0.2)(x)
    return finish(inputs, layers.SimpleRNN(16)(x), n_classes)

ARCHITECTURES = {"mlp": mlp, "cnn": cnn, "cnn_2d": cnn_2d, "rnn": rnn, "cnn_rnn": cnn_rnn}
