# ---
# assignment: surnames
# expect: full
# why: focal loss with class weights, written with keras.ops
# ---
# %% class_imbalance
def train_balanced(train, validation):
    x, y = train
    counts = np.bincount(y)
    alpha = np.float32(counts.sum() / (len(counts) * counts))
    alpha = keras.ops.convert_to_tensor(alpha)

    def focal(labels, probabilities):
        labels = keras.ops.cast(keras.ops.reshape(labels, (-1,)), "int32")
        hot = keras.ops.one_hot(labels, len(counts), dtype="float32")
        p = keras.ops.clip(keras.ops.sum(hot * probabilities, axis=1), 1e-7, 1)
        return -keras.ops.take(alpha, labels) * (1 - p) ** 2 * keras.ops.log(p)

    model = build_rnn_classifier(x.shape[1:], len(counts), 32)
    model.compile(keras.optimizers.Adam(0.003), focal)
    model.fit(x, y, epochs=20, batch_size=32, verbose=0)
    return model
