# ---
# assignment: surnames
# expect: full
# why: "an input whose time axis is left open"
# ---
# %% rnn_classifier
def build_rnn_classifier(input_shape, n_classes, units):
    time, characters = input_shape
    model = keras.Sequential([
        keras.Input((None, characters)),
        layers.Masking(),
        layers.SimpleRNN(units, unroll=False, activation=keras.ops.tanh),
        layers.Dense(n_classes, activation=keras.activations.softmax),
    ])
    model.compile(
        optimizer=keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(1e-2, 200, 0.9)),
        loss=keras.losses.SparseCategoricalCrossentropy(), metrics=[keras.metrics.SparseCategoricalAccuracy()])
    return model
