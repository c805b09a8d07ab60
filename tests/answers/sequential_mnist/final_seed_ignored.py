# ---
# assignment: sequential_mnist
# expect: {final_runs: lost}
# why: "the notebook's seed instead of one's own: all runs are the same"
# ---
# %% final_runs
SEEDS = [0, 1, 2, 3, 4]


def final_run(kind, setting, seed):
    everything = tuple(torch.cat(parts) for parts in zip(train, validation, strict=True))
    model, _ = train_setting(kind, setting, everything, SEED)
    return {"train_accuracy": accuracy(model, everything), "test_accuracy": accuracy(model, test)}, model
