# ---
# assignment: speech_commands
# expect: full
# why: the number of classes is that of the notebook's words
# ---
# %% training
def train_models(train, validation):
    rows, models = [], {}
    for kind in ("RNN", "Bidir"):
        for mode in MODES:
            seed_everything(SEED)
            model = build_model(kind, mode, train[0].shape[2], len(WORDS))
            HISTORIES[kind, mode] = fit(model, train, validation, epochs=EPOCHS, lr=LEARNING_RATE, seed=SEED, device=device, progress=False)
            rows.append({"model": kind, "mode": mode, "val_accuracy": evaluate(model, validation)[1]})
            models[kind, mode] = model
    return pd.DataFrame(rows), models
