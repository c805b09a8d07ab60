# ---
# assignment: keras_sequences
# expect: full
# why: the mean row by row, the networks layer by layer
# ---
# %% masked_mean
def masked_mean(sequences, lengths):
    rows = []
    for row, n in zip(sequences, lengths.numpy()):
        rows.append(tf.reduce_mean(row[:n], axis=0))
    return tf.stack(rows)


# %% classifier
def classifier(features, classes, units=16):
    model = keras.Sequential()
    model.add(keras.Input(shape=(None, features)))
    model.add(layers.GRU(units))
    model.add(layers.Dense(classes))
    return model


# %% tagger
def tagger(features, classes, units=8):
    model = keras.Sequential()
    model.add(keras.Input(shape=(None, features)))
    model.add(layers.Bidirectional(layers.LSTM(units, return_sequences=True)))
    model.add(layers.TimeDistributed(layers.Dense(classes, activation="softmax")))
    return model
