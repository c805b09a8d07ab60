# ---
# assignment: surnames
# expect: full
# why: trained until the validation names say that it is enough, by a function of another name
# ---
# %% rnn_sweep
def one_run(seed, units, batch_size):
    seed_everything(seed)
    model = build_rnn_classifier(train[0].shape[1:], len(LANGUAGES), units)
    stop = keras.callbacks.EarlyStopping("val_accuracy", patience=5, restore_best_weights=True)
    model.fit(*train, validation_data=validation, batch_size=batch_size, epochs=25, callbacks=[stop], verbose=0)
    return scores(validation[1], predict(model, validation[0]))


SETTINGS = grid(units=[32, 64, 128], batch_size=[32, 64, 128])
rnn_sweep_results = Sweep("rnn_sweep", SETTINGS, seeds=[0, 1, 2], again=RETRAIN).run(one_run)
