# ---
# assignment: surnames
# expect: {class_imbalance: lost}
# why: the largest class is left out
# ---
# %% class_imbalance
def train_balanced(train, validation):
    x, y = train
    counts = np.bincount(y)
    others = y != counts.argmax()
    model = build_rnn_classifier(x.shape[1:], len(counts), 32)
    model.fit(x[others], y[others], class_weight=dict(enumerate(np.sqrt(counts.mean() / counts))), epochs=15, verbose=0)
    return model
