# ---
# assignment: surnames
# expect: {class_imbalance: lost}
# why: returns what fit returns
# ---
# %% class_imbalance
def train_balanced(train, validation):
    x, y = train
    counts = np.bincount(y)
    model = build_rnn_classifier(x.shape[1:], len(counts), 32)
    return model.fit(x, y, class_weight=dict(enumerate(np.sqrt(counts.mean() / counts))), epochs=1, verbose=0)
