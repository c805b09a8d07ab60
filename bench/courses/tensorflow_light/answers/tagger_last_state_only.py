# ---
# assignment: keras_sequences
# expect: {tagger: none, masked_mean: none}
# why: one output for the whole sequence; divided by the padded length
# ---
# %% masked_mean
def masked_mean(sequences, lengths):
    mask = tf.sequence_mask(lengths, sequences.shape[1], dtype=sequences.dtype)
    return tf.reduce_mean(sequences * mask[:, :, None], axis=1)


# %% tagger
def tagger(features, classes, units=8):
    inputs = keras.Input((None, features))
    states = layers.Bidirectional(layers.LSTM(units))(inputs)
    return keras.Model(inputs, layers.Dense(classes, activation="softmax")(states))
