# ---
# assignment: surnames
# expect: full
# why: square-root weights given as sample_weight
# ---
# %% class_imbalance
def train_balanced(train, validation):
    x, y = train
    w = 1 / np.sqrt(np.bincount(y))
    w = w[y] / w[y].mean()
    model = build_rnn_classifier(x.shape[1:], len(np.unique(y)), 32)
    model.fit(x, y, sample_weight=w, epochs=20, batch_size=32, verbose=0)
    return model
