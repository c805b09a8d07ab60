# ---
# assignment: speech_commands
# expect: {training: lost}
# why: val_accuracy is the mean over batches of unequal size
# ---
# %% training
def train_models(train, validation):
    rows, models = [], {}
    for kind in ("RNN", "Bidir"):
        for mode in MODES:
            seed_everything(SEED)
            model = build_model(kind, mode, train[0].shape[2], int(train[1].max()) + 1)
            HISTORIES[kind, mode] = fit(model, train, validation, epochs=EPOCHS, lr=LEARNING_RATE, seed=SEED, device=device, progress=False)
            cuts = [slice(k, k + 16) for k in range(0, len(validation[1]), 16)]
            parts = [evaluate(model, (validation[0][cut], validation[1][cut]))[1] for cut in cuts]
            rows.append({"model": kind, "mode": mode, "val_accuracy": float(np.mean(parts))})
            models[kind, mode] = model
    return pd.DataFrame(rows), models
