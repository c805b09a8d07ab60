# ---
# assignment: activity
# expect: {architectures: lost}
# why: the last layer computes something else than the Dense layer that it is
# ---
# %% after architectures
import keras
from keras import layers


def replaced(input_shape, n_classes, regularised=True):
    model = build_mlp(input_shape, n_classes, regularised)
    last = model.layers[-1]
    call = last.call
    last.call = lambda inputs, training=None: keras.ops.square(call(inputs))
    return model


ARCHITECTURES["mlp"] = replaced
