# ---
# assignment: surnames
# expect: full
# why: the table is put together by hand out of the kept runs, with one more column
# ---
# %% rnn_sweep
def run_rnn(seed, units, batch_size):
    keras.utils.set_random_seed(seed)
    model = build_rnn_classifier((MAX_LENGTH, len(alphabet)), len(LANGUAGES), units)
    return fit_and_score(model, batch_size)


sweep = Sweep("rnn_sweep", grid(units=[32, 64, 128], batch_size=[32, 64, 128]), range(3), again=RETRAIN)
table_of_runs = sweep.run(run_rnn)
rows = [{**row, "val_error": 1 - row["val_accuracy"]} for row in table_of_runs.to_dict("records")]
rnn_sweep_results = pd.DataFrame(rows)[["seed", "units", "batch_size", "val_accuracy", "val_error"]]
