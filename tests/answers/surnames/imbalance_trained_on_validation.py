# ---
# assignment: surnames
# expect: {class_imbalance: lost}
# why: the validation strings are trained on too
# ---
# %% class_imbalance
def train_balanced(train, validation):
    x, y = np.concatenate([train[0], validation[0]]), np.concatenate([train[1], validation[1]])
    counts = np.bincount(y)
    model = build_rnn_classifier(x.shape[1:], len(counts), 48)
    model.fit(x, y, class_weight=dict(enumerate(np.sqrt(counts.mean() / counts))), epochs=25, batch_size=32, verbose=0)
    return model
