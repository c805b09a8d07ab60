# ---
# assignment: sequential_mnist
# expect: full
# why: ConcatDataset to join the sets, results as a dict built in steps, a tuple of seeds
# ---
# %% final_runs
from torch.utils.data import ConcatDataset, DataLoader, TensorDataset

SEEDS = (0, 1, 2, 3, 4)


def final_run(kind, setting, seed):
    joined = ConcatDataset([TensorDataset(*train), TensorDataset(*validation)])
    all_data = next(iter(DataLoader(joined, batch_size=len(joined))))
    model, history = train_setting(kind, setting, tuple(all_data), seed=seed)
    metrics = dict()
    for name, part in {"train_accuracy": all_data, "test_accuracy": test}.items():
        loss, metrics[name] = evaluate(model, tuple(part))
    return metrics, model
