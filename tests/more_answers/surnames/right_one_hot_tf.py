# ---
# assignment: surnames
# expect: full
# why: "tensorflow's unicode_split and StringLookup"
# ---
# %% one_hot
import tensorflow as tf

def one_hot_encode(names, alphabet, max_length):
    table = keras.layers.StringLookup(vocabulary=list(alphabet), num_oov_indices=1, mask_token=None)
    split = tf.strings.unicode_split(tf.constant([str(n) for n in names]), "UTF-8")[:, :max_length]
    dense = split.to_tensor(default_value="", shape=[len(names), max_length])
    return tf.one_hot(tf.cast(table(dense), tf.int32) - 1, len(alphabet)).numpy()
