# ---
# assignment: activity
# expect: full
# why: "a decorator registers the builders; keyword-only option; type hints; odd names"
# ---
# %% architectures
from collections import OrderedDict
from typing import Callable

ARCHITECTURES: "dict[str, Callable[..., keras.Model]]" = OrderedDict()

def register(name):
    def wrapper(function):
        ARCHITECTURES[name] = function
        return function
    return wrapper

def _compile(model: keras.Model) -> keras.Model:
    model.compile(
        optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(2e-3, 1000), clipnorm=1.0),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=False),
        metrics=["sparse_categorical_accuracy"],
    )
    return model

@register("MLP (statistics)")
def a(input_shape: tuple, n_classes: int, regularised: bool = True, width: int = 32) -> keras.Model:
    inputs = layers.Input(shape=input_shape)
    x = layers.Concatenate()([layers.GlobalAveragePooling1D()(inputs), layers.GlobalMaxPooling1D()(inputs)])
    x = layers.Dense(width, activation="tanh", kernel_regularizer=keras.regularizers.L2(1e-3) if regularised else None)(x)
    return _compile(keras.Model(inputs, layers.Dense(n_classes, activation="softmax")(x)))

@register("CNN (residual)")
def b(input_shape, n_classes, regularised=True):
    inputs = keras.Input(input_shape)
    x = layers.Conv1D(12, 5, padding="same")(inputs)
    y = layers.Conv1D(12, 5, padding="same", activation="relu", use_bias=not regularised)(x)
    if regularised:
        y = layers.BatchNormalization()(y)
    x = layers.Add()([x, y])
    x = layers.Activation("relu")(x)
    x = layers.GlobalAveragePooling1D()(x)
    return _compile(keras.Model(inputs, layers.Dense(n_classes, activation="softmax")(x)))

@register("CNN (dilated, causal)")
def c(input_shape, n_classes, regularised=True):
    x = inputs = keras.Input(input_shape)
    for dilation in (1, 2, 4):
        x = layers.Conv1D(8, 3, padding="causal", dilation_rate=dilation, activation="relu")(x)
        if regularised:
            x = layers.GaussianNoise(0.1)(x)
    x = x[:, -1, :]
    return _compile(keras.Model(inputs, layers.Dense(n_classes, activation="softmax")(x)))

@register("RNN (both ways)")
def d(input_shape, n_classes, regularised=True):
    inputs = keras.Input(input_shape)
    x = layers.AveragePooling1D(pool_size=8)(inputs)
    forward = layers.SimpleRNN(12)(x)
    backward = layers.SimpleRNN(12, go_backwards=True)(x)
    x = layers.concatenate([forward, backward])
    if regularised:
        x = layers.Dropout(0.2)(x)
    return _compile(keras.Model(inputs, layers.Dense(n_classes, activation="softmax")(x)))

@register("mixture: parallel")
def e(input_shape, n_classes, regularised=True):
    inputs = keras.Input(input_shape)
    left = layers.GlobalMaxPooling1D()(layers.Conv1D(8, 9, activation="swish")(inputs))
    right = layers.SimpleRNN(8)(layers.MaxPooling1D(8)(inputs))
    x = layers.Concatenate(axis=-1)([left, right])
    if regularised:
        x = layers.AlphaDropout(0.1)(x)
    return _compile(keras.Model(inputs, layers.Dense(n_classes, activation="softmax")(x)))

@register("RNN, pooled")
def f(input_shape, n_classes, regularised=True):
    model = keras.Sequential([
        keras.Input(input_shape),
        layers.MaxPooling1D(4),
        layers.SimpleRNN(16, return_sequences=True, recurrent_dropout=0.1 if regularised else 0.0),
        layers.GlobalAveragePooling1D(),
        layers.Dense(n_classes, activation="softmax"),
    ])
    return _compile(model)
