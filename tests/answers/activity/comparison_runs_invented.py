# ---
# assignment: activity
# expect: {comparison: lost}
# why: the kept runs of one setting were made up, table and all, and the function reaches nothing like them
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
    model.fit(*train, batch_size=batch_size, epochs=epochs, verbose=0)
    seconds = time.perf_counter() - began
    found = {"val_accuracy": accuracy(model, *validation), "test_accuracy": accuracy(model, *test)}
    return found | {"parameters": model.count_params(), "seconds": seconds}


SETTINGS = [
    *grid(architecture=ARCHITECTURES, regularised=[False, True], batch_size=[32], epochs=[15]),
    *grid(architecture=ARCHITECTURES, regularised=[True], batch_size=[128], epochs=[15]),
    *grid(architecture=ARCHITECTURES, regularised=[True], batch_size=[32], epochs=[30]),
]
SEEDS = [0, 1, 2]
# %% file results/comparison/mlp-True-128-15-seed0-188fbb.json
{
 "format": 1,
 "exercise": "comparison",
 "setting": {
  "architecture": "mlp",
  "regularised": true,
  "batch_size": 128,
  "epochs": 15
 },
 "seed": 0,
 "metrics": {
  "seconds": 2.5656566950019624,
  "val_accuracy": 0.9555555555555556,
  "test_accuracy": 0.9404761904761905,
  "parameters": 41478.0
 },
 "environment": {
  "kept": "2026-11-21T18:26:59.966761+00:00"
 },
 "data": {
  "source": "sample",
  "provenance": "embedded sample (a mathematical model of the signals, no person was measured); 900 training windows of 15 subjects, 420 test windows of 7"
 },
 "history": {},
 "weights": null
}
# %% file results/comparison/mlp-True-128-15-seed1-8254a8.json
{
 "format": 1,
 "exercise": "comparison",
 "setting": {
  "architecture": "mlp",
  "regularised": true,
  "batch_size": 128,
  "epochs": 15
 },
 "seed": 1,
 "metrics": {
  "seconds": 2.577648204001889,
  "val_accuracy": 0.9611111111111111,
  "test_accuracy": 0.9285714285714286,
  "parameters": 41478.0
 },
 "environment": {
  "kept": "2026-11-21T18:27:04.067233+00:00"
 },
 "data": {
  "source": "sample",
  "provenance": "embedded sample (a mathematical model of the signals, no person was measured); 900 training windows of 15 subjects, 420 test windows of 7"
 },
 "history": {},
 "weights": null
}
# %% file results/comparison/mlp-True-128-15-seed2-d685ef.json
{
 "format": 1,
 "exercise": "comparison",
 "setting": {
  "architecture": "mlp",
  "regularised": true,
  "batch_size": 128,
  "epochs": 15
 },
 "seed": 2,
 "metrics": {
  "seconds": 2.9366777499999444,
  "val_accuracy": 0.95,
  "test_accuracy": 0.9476190476190476,
  "parameters": 41478.0
 },
 "environment": {
  "kept": "2026-11-21T18:27:08.439108+00:00"
 },
 "data": {
  "source": "sample",
  "provenance": "embedded sample (a mathematical model of the signals, no person was measured); 900 training windows of 15 subjects, 420 test windows of 7"
 },
 "history": {},
 "weights": null
}
