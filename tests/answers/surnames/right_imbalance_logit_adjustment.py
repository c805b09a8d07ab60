# ---
# assignment: surnames
# expect: full
# why: trained as usual; then the log of the class shares is taken from the output's bias
# ---
# %% class_imbalance
def train_balanced(train, validation):
    x, y = train
    shares = np.bincount(y) / len(y)
    model = build_rnn_classifier(x.shape[1:], len(shares), 32)
    model.fit(x, y, epochs=20, batch_size=32, verbose=0)
    output = model.layers[-1]
    kernel, bias = output.get_weights()
    output.set_weights([kernel, bias - np.log(shares)])
    return model
