# ---
# assignment: surnames
# expect: {class_imbalance: lost}
# why: nothing is done about the imbalance
# ---
# %% class_imbalance
def train_balanced(train, validation):
    x, y = train
    model = build_rnn_classifier(x.shape[1:], int(y.max()) + 1, 32)
    model.fit(x, y, epochs=15, batch_size=32, verbose=0)
    return model
