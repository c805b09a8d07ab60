# ---
# assignment: activity
# expect: full
# why: two more than there were
# ---
# %% after architectures
import keras
from keras import layers


def grouped(input_shape, n_classes):
    model = keras.Sequential()
    model.add(keras.Input(input_shape))
    model.add(layers.ZeroPadding1D(2))
    model.add(layers.Conv1D(9, 5, groups=3))
    model.add(layers.GroupNormalization(groups=3))
    model.add(layers.PReLU())
    model.add(layers.GlobalMaxPooling1D())
    model.add(layers.Dense(n_classes, activation="softmax"))
    model.compile("nadam", "sparse_categorical_crossentropy")
    return model


ARCHITECTURES["cnn_grouped"] = grouped
ARCHITECTURES["cnn_grouped_again"] = grouped
