# ---
# assignment: surnames
# expect: full
# why: inverse frequencies as class weights, early stopping on the validation strings
# ---
# %% class_imbalance
def train_balanced(train, validation):
    x, y = train
    n_classes = int(y.max()) + 1
    counts = np.bincount(y, minlength=n_classes)
    weights = {c: len(y) / (n_classes * counts[c]) for c in range(n_classes)}
    model = build_rnn_classifier(x.shape[1:], n_classes, 48)
    stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=8, restore_best_weights=True)
    model.fit(
        x, y, epochs=25, batch_size=32, class_weight=weights, validation_data=validation, callbacks=[stop], verbose=0
    )
    return model
