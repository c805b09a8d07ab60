# ---
# assignment: sequential_mnist
# expect: {final_runs: lost}
# why: losses in place of accuracies
# ---
# %% final_runs
SEEDS = [0, 1, 2, 3, 4]


def final_run(kind, setting, seed):
    everything = tuple(torch.cat(parts) for parts in zip(train, validation, strict=True))
    model, _ = train_setting(kind, setting, everything, seed)
    return {"train_accuracy": evaluate(model, everything)[0], "test_accuracy": evaluate(model, test)[0]}, model
