# ---
# assignment: surnames
# expect: full
# why: a Softmax layer of its own, a relu RNN, layers added one by one
# ---
# %% rnn_classifier
def build_rnn_classifier(input_shape, n_classes, units):
    model = keras.Sequential()
    model.add(keras.Input(input_shape))
    model.add(layers.Masking())
    model.add(layers.SimpleRNN(units, activation="relu", recurrent_initializer="orthogonal"))
    model.add(layers.BatchNormalization())
    model.add(layers.Dense(n_classes))
    model.add(layers.Softmax())
    model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.optimizer.learning_rate = 0.005
    return model
