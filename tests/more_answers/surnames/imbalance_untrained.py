# ---
# assignment: surnames
# expect: {class_imbalance: lost}
# why: the model is returned without training
# ---
# %% class_imbalance
def train_balanced(train, validation):
    return build_rnn_classifier(train[0].shape[1:], int(train[1].max()) + 1, 32)
