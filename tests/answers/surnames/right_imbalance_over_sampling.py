# ---
# assignment: surnames
# expect: full
# why: every class is drawn with replacement until it is as large as the largest
# ---
# %% class_imbalance
def train_balanced(train, validation):
    x, y = train
    n_classes = int(y.max()) + 1
    largest = np.bincount(y).max()
    chosen = np.concatenate([np.random.choice(np.flatnonzero(y == c), largest) for c in range(n_classes)])
    np.random.shuffle(chosen)
    model = build_rnn_classifier(x.shape[1:], n_classes, 32)
    model.fit(x[chosen], y[chosen], epochs=6, batch_size=32, verbose=0)
    return model
