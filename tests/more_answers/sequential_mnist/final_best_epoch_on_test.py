# ---
# assignment: sequential_mnist
# expect: {final_runs: lost}
# why: keeps the epoch that is best on the test set
# ---
# %% final_runs
SEEDS = [0, 1, 2, 3, 4]


def final_run(kind, setting, seed):
    both = torch.cat([train[0], validation[0]]), torch.cat([train[1], validation[1]])
    s = DEFAULTS | setting
    seed_everything(seed)
    model = build_model(kind, s["hidden_size"], s["num_layers"], N_CLASSES)
    fit(
        model, both, test, epochs=s["epochs"], lr=s["learning_rate"], batch_size=s["batch_size"], seed=seed,
        clip_norm=1.0, keep_best=True, device=device, progress=False,
    )
    return {"train_accuracy": accuracy(model, both), "test_accuracy": accuracy(model, test)}, model
