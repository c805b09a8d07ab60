# ---
# assignment: activity
# expect: full
# why: a run may end earlier than its setting says, when the validation loss rises
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
    stop = keras.callbacks.EarlyStopping("val_loss", patience=5, restore_best_weights=True)
    model.fit(
        *train, validation_data=validation, batch_size=batch_size, epochs=epochs, callbacks=[stop], verbose=0
    )
    seconds = time.perf_counter() - began
    found = {"val_accuracy": accuracy(model, *validation), "test_accuracy": accuracy(model, *test)}
    return found | {"parameters": model.count_params(), "seconds": seconds}


SETTINGS = [
    *grid(architecture=ARCHITECTURES, regularised=[False, True], batch_size=[32], epochs=[15]),
    *grid(architecture=ARCHITECTURES, regularised=[True], batch_size=[128], epochs=[15]),
    *grid(architecture=ARCHITECTURES, regularised=[True], batch_size=[32], epochs=[30]),
]
SEEDS = [0, 1, 2]
