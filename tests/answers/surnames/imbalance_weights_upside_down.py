# ---
# assignment: surnames
# expect: {class_imbalance: lost}
# why: frequent classes get the large weights
# ---
# %% class_imbalance
def train_balanced(train, validation):
    x, y = train
    counts = np.bincount(y)
    model = build_rnn_classifier(x.shape[1:], len(counts), 32)
    model.fit(x, y, class_weight=dict(enumerate(counts / counts.mean())), epochs=10, batch_size=32, verbose=0)
    return model
