# ---
# assignment: surnames
# expect: {class_imbalance: lost}
# why: classes with few examples are left out
# ---
# %% class_imbalance
def train_balanced(train, validation):
    x, y = train
    counts = np.bincount(y)
    enough = counts[y] > counts.max() / 10
    model = build_rnn_classifier(x.shape[1:], len(counts), 32)
    model.fit(x[enough], y[enough], epochs=15, batch_size=32, verbose=0)
    return model
