# ---
# assignment: surnames
# expect: {class_imbalance: lost}
# why: the number of classes is that of the languages
# ---
# %% class_imbalance
def train_balanced(train, validation):
    x, y = train
    n_classes = 18
    counts = np.maximum(np.bincount(y, minlength=n_classes), 1)
    model = build_rnn_classifier(x.shape[1:], n_classes, 32)
    model.fit(x, y, class_weight=dict(enumerate(np.sqrt(counts.mean() / counts))), epochs=10, verbose=0)
    return model
