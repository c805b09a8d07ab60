# ---
# assignment: sequential_mnist
# expect: full
# why: tensors joined one by one, seeded again before the model is built, seven decimals
# ---
# %% final_runs
SEEDS = list(range(5))


def final_run(kind, setting, seed):
    sequences = torch.cat([train[0], validation[0]])
    labels = torch.cat([train[1], validation[1]])
    torch.manual_seed(seed)
    model, history = train_setting(kind, setting, (sequences, labels), seed)
    metrics = {}
    metrics["test_accuracy"] = round(accuracy(model, test), 7)
    metrics["train_accuracy"] = round(accuracy(model, (sequences, labels)), 7)
    return metrics, model
