# ---
# assignment: sequential_mnist
# expect: {final_runs: lost}
# why: the seed is set after the model is built
# ---
# %% final_runs
SEEDS = [0, 1, 2, 3, 4]


def final_run(kind, setting, seed):
    everything = tuple(torch.cat(parts) for parts in zip(train, validation, strict=True))
    model = build_model(kind, setting["hidden_size"], setting["num_layers"], N_CLASSES)
    seed_everything(seed)
    fit(model, everything, None, epochs=setting["epochs"], lr=setting["learning_rate"], seed=seed, keep_best=False,
        batch_size=setting["batch_size"], device=device, progress=False)
    return {"train_accuracy": accuracy(model, everything), "test_accuracy": accuracy(model, test)}, model
