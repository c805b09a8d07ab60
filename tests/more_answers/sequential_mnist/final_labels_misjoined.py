# ---
# assignment: sequential_mnist
# expect: {final_runs: lost}
# why: sequences are joined one way round, labels the other
# ---
# %% final_runs
SEEDS = [0, 1, 2, 3, 4]


def final_run(kind, setting, seed):
    both = torch.cat([train[0], validation[0]]), torch.cat([validation[1], train[1]])
    model, _ = train_setting(kind, setting, both, seed)
    return {"train_accuracy": accuracy(model, both), "test_accuracy": accuracy(model, test)}, model
