# ---
# assignment: sequential_mnist
# expect: {final_runs: lost}
# why: always a GRU
# ---
# %% final_runs
SEEDS = [0, 1, 2, 3, 4]


def final_run(kind, setting, seed):
    everything = tuple(torch.cat(parts) for parts in zip(train, validation, strict=True))
    model, _ = train_setting("gru" if kind != "gru" else "rnn", setting, everything, seed)
    return {"train_accuracy": accuracy(model, everything), "test_accuracy": accuracy(model, test)}, model
