# ---
# assignment: speech_commands
# expect: full
# why: rows sorted by accuracy with their old index, further columns, categories, patience, named tuples as keys
# ---
# %% training
import time
from collections import OrderedDict, namedtuple

Key = namedtuple("Key", "model mode")


def train_models(train, validation):
    models = OrderedDict()
    records = []
    for mode in reversed(MODES):
        for kind in ("Bidir", "RNN"):
            began = time.perf_counter()
            seed_everything(SEED)
            net = build_model(kind, mode, train[0].shape[2], int(np.max(train[1])) + 1)
            history = fit(net, train, validation, epochs=EPOCHS, lr=LEARNING_RATE, seed=SEED, patience=12, progress=False, device=device)
            models[Key(kind, mode)] = net
            records.append(
                {
                    "n_parameters": sum(p.numel() for p in net.parameters()),
                    "seconds": time.perf_counter() - began,
                    "mode": mode,
                    "model": kind,
                    "best_epoch": history.best_epoch,
                    "val_accuracy": np.float32(history.val_accuracy[history.best_epoch]),
                }
            )
    table = pd.DataFrame.from_records(records).astype({"model": "category", "mode": "string"})
    return table.sort_values("val_accuracy", ascending=False), models
