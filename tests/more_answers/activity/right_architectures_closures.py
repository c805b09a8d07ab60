# ---
# assignment: activity
# expect: full
# why: "one function makes all builders; closures over a list of hidden layers"
# ---
# %% architectures
def maker(hidden):
    def build(input_shape, n_classes, regularised=True):
        model = keras.Sequential([keras.Input(shape=input_shape), layers.BatchNormalization() if regularised else layers.Normalization(mean=CHANNEL_MEAN, variance=CHANNEL_VARIANCE)])
        for layer in hidden(input_shape, regularised):
            model.add(layer)
        model.add(layers.Dense(n_classes))
        model.add(layers.Softmax())
        model.compile(loss=keras.losses.SparseCategoricalCrossentropy(), optimizer=keras.optimizers.Adam(1e-3), metrics=[keras.metrics.SparseCategoricalAccuracy(name="acc")])
        return model
    return build

def drop(regularised, rate=0.3):
    return [layers.Dropout(rate)] if regularised else []

ARCHITECTURES = {
    "mlp": maker(lambda s, r: [layers.Flatten(), layers.Dense(64, "relu"), *drop(r), layers.Dense(32, "relu")]),
    "cnn": maker(lambda s, r: [layers.Conv1D(16, 7, padding="same", activation="gelu"), layers.MaxPool1D(), *drop(r), layers.Conv1D(16, 5, dilation_rate=2), layers.ReLU(), layers.GlobalMaxPool1D()]),
    "cnn_2d": maker(lambda s, r: [layers.Reshape(s + (1,)), layers.Conv2D(8, (7, 3), strides=(2, 1), padding="same", activation="relu"), layers.AvgPool2D(2), *drop(r), layers.GlobalAveragePooling2D()]),
    "rnn": maker(lambda s, r: [layers.AvgPool1D(4), layers.SimpleRNN(24, return_sequences=True, dropout=0.1 * r), layers.SimpleRNN(24), *drop(r)]),
    "cnn_rnn": maker(lambda s, r: [layers.Conv1D(16, 5, strides=3, activation="elu"), *drop(r), layers.SimpleRNN(16)]),
}
