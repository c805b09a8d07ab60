# ---
# assignment: surnames
# expect: {rnn_sweep: lost}
# why: the kept runs of one setting were made up, table and all, and the function reaches nothing like them
# ---
# %% rnn_sweep
def run_rnn(seed, units, batch_size):
    seed_everything(seed)
    return fit_and_score(build_rnn_classifier(train[0].shape[1:], len(LANGUAGES), units), batch_size)


SETTINGS = grid(units=[32, 64, 128], batch_size=[32, 64, 128])
rnn_sweep_results = Sweep("rnn_sweep", SETTINGS, seeds=[0, 1, 2]).run(run_rnn)
# %% file results/rnn_sweep/32-128-seed0-0cbc7e.json
{
 "format": 1,
 "exercise": "rnn_sweep",
 "setting": {
  "units": 32,
  "batch_size": 128
 },
 "seed": 0,
 "metrics": {
  "val_accuracy": 0.9411764705882353
 },
 "environment": {
  "kept": "2026-11-22T07:21:12.658251+00:00",
  "data": {
   "Surnames": [
    "sample"
   ]
  }
 },
 "data": {},
 "history": {},
 "weights": null
}
# %% file results/rnn_sweep/32-128-seed1-f763c6.json
{
 "format": 1,
 "exercise": "rnn_sweep",
 "setting": {
  "units": 32,
  "batch_size": 128
 },
 "seed": 1,
 "metrics": {
  "val_accuracy": 0.9504643962848297
 },
 "environment": {
  "kept": "2026-11-22T07:21:32.205163+00:00",
  "data": {
   "Surnames": [
    "sample"
   ]
  }
 },
 "data": {},
 "history": {},
 "weights": null
}
# %% file results/rnn_sweep/32-128-seed2-570d3a.json
{
 "format": 1,
 "exercise": "rnn_sweep",
 "setting": {
  "units": 32,
  "batch_size": 128
 },
 "seed": 2,
 "metrics": {
  "val_accuracy": 0.9380804953560371
 },
 "environment": {
  "kept": "2026-11-22T07:21:50.426629+00:00",
  "data": {
   "Surnames": [
    "sample"
   ]
  }
 },
 "data": {},
 "history": {},
 "weights": null
}
