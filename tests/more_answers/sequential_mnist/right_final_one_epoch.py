# ---
# assignment: sequential_mnist
# expect: full
# why: final_run makes one pass over the data, whatever the setting says
# ---
# %% final_runs
SEEDS = [0, 1, 2, 3, 4]


def final_run(kind, setting, seed):
    both = torch.cat([train[0], validation[0]]), torch.cat([train[1], validation[1]])
    s = DEFAULTS | setting
    seed_everything(seed)
    model = build_model(kind, s["hidden_size"], s["num_layers"], N_CLASSES)
    fit(
        model, both, validation, epochs=1, lr=s["learning_rate"], batch_size=s["batch_size"], seed=seed,
        clip_norm=1.0, keep_best=False, device=device, progress=False,
    )
    return {"train_accuracy": accuracy(model, both), "test_accuracy": accuracy(model, test)}, model
