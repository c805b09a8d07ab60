# ---
# assignment: keras_sequences
# expect: full
# why: functional models; where in place of a product with the mask
# ---
# %% masked_mean
def masked_mean(sequences, lengths):
    frames = tf.range(tf.shape(sequences)[1])
    inside = frames[None, :, None] < tf.cast(lengths, frames.dtype)[:, None, None]
    total = tf.reduce_sum(tf.where(inside, sequences, tf.zeros_like(sequences)), axis=1)
    return total / tf.cast(lengths, sequences.dtype)[:, None]


# %% classifier
def classifier(features, classes, units=16):
    x = keras.Input((None, features))
    h = layers.GRU(units)(x)
    return keras.Model(x, layers.Dense(classes)(h))


# %% after classifier
classifier(4, 2).summary()
