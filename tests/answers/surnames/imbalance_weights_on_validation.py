# ---
# assignment: surnames
# expect: {class_imbalance: lost}
# why: the weights are given to the validation strings, not to the training
# ---
# %% class_imbalance
def train_balanced(train, validation):
    x, y = train
    x_val, y_val = validation
    weights = len(y_val) / (len(np.unique(y_val)) * np.bincount(y_val))
    model = build_rnn_classifier(x.shape[1:], int(y.max()) + 1, 32)
    model.fit(x, y, epochs=15, batch_size=32, validation_data=(x_val, y_val, weights[y_val]), verbose=0)
    return model
