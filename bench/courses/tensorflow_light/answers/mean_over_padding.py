# ---
# assignment: keras_sequences
# expect: {masked_mean: none}
# why: the padding counts
# ---
# %% masked_mean
def masked_mean(sequences, lengths):
    return tf.reduce_mean(sequences, axis=1)
