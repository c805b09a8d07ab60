# ---
# assignment: activity
# expect: full
# why: an MLP along time for each channel, with a focal loss of its own for integer labels
# ---
# %% after architectures
import keras
from keras import layers


def focal(y_true, y_pred):
    """Cross-entropy, with less weight on what is told apart already."""
    ids = keras.ops.cast(keras.ops.reshape(y_true, (-1,)), "int32")
    p = keras.ops.sum(keras.ops.one_hot(ids, y_pred.shape[-1]) * y_pred, axis=-1)
    return -keras.ops.power(1 - p, 2.0) * keras.ops.log(p + 1e-7)


def focal_mlp(input_shape, n_classes, regularised=True):
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Permute((2, 1)),
            layers.Dense(8, activation="gelu"),
            layers.Flatten(),
            layers.ActivityRegularization(l2=1e-4),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
    model.compile("adam", focal, metrics=["accuracy"])
    return model


ARCHITECTURES["mlp"] = focal_mlp
