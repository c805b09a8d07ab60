# ---
# assignment: activity
# expect: full
# why: "functools.partial over one builder with a kind; numpy arithmetic on the inputs"
# ---
# %% architectures
from functools import partial

def build(input_shape, n_classes, regularised=True, kind="mlp"):
    time, channels = input_shape
    x = inputs = keras.Input(shape=(time, channels))
    x = (x - CHANNEL_MEAN) / np.sqrt(CHANNEL_VARIANCE)
    if kind == "mlp":
        x = layers.Dense(48, activation="relu")(layers.Flatten()(x))
    if kind.startswith("cnn"):
        x = layers.Conv1D(16, 8, activation="relu", kernel_initializer="he_uniform")(x)
        x = layers.MaxPooling1D(3)(x)
    if kind == "cnn_wide":
        x = layers.Conv1D(16, 3, activation="relu", groups=4)(x)
    if kind in ("cnn", "cnn_wide"):
        x = layers.GlobalAveragePooling1D()(x)
    if kind == "rnn":
        x = layers.AveragePooling1D(4)(x)
    if kind.endswith("rnn"):
        x = layers.SimpleRNN(20)(x)
    if regularised:
        x = layers.Dropout(0.25)(x)
    outputs = layers.Dense(n_classes, activation="softmax", dtype="float32")(x)
    model = keras.Model(inputs, outputs, name=kind)
    model.compile("rmsprop", keras.losses.sparse_categorical_crossentropy, metrics=["accuracy"])
    return model

ARCHITECTURES = {kind: partial(build, kind=kind) for kind in ("mlp", "cnn", "cnn_wide", "rnn", "cnn_rnn")}
