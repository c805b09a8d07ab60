# ---
# assignment: activity
# expect: {comparison: lost}
# why: the kept runs are somebody else's; this function trains for one epoch, whatever the setting says
# ---
# %% comparison
def validation_split(subjects):
    people = np.unique(subjects)
    chosen = np.isin(subjects, np.random.default_rng(SEED).permutation(people)[: max(1, len(people) // 4)])
    return np.flatnonzero(~chosen), np.flatnonzero(chosen)


def run_once(architecture, regularised, batch_size, epochs, seed):
    keras.utils.clear_session()
    seed_everything(seed)
    model = ARCHITECTURES[architecture](INPUT_SHAPE, N_CLASSES, regularised=regularised)
    began = time.perf_counter()
    model.fit(*train, batch_size=batch_size, epochs=1, verbose=0)  # epochs is forgotten
    seconds = time.perf_counter() - began
    found = {"val_accuracy": accuracy(model, *validation), "test_accuracy": accuracy(model, *test)}
    return found | {"parameters": model.count_params(), "seconds": seconds}


SETTINGS = [
    *grid(architecture=ARCHITECTURES, regularised=[False, True], batch_size=[32], epochs=[15]),
    *grid(architecture=ARCHITECTURES, regularised=[True], batch_size=[128], epochs=[15]),
    *grid(architecture=ARCHITECTURES, regularised=[True], batch_size=[32], epochs=[30]),
]
SEEDS = [0, 1, 2]
