# ---
# assignment: surnames
# expect: {rnn_sweep: lost}
# why: accuracies in percent
# ---
# %% rnn_sweep
def run_rnn(seed, units, batch_size):
    seed_everything(seed)
    return fit_and_score(build_rnn_classifier(train[0].shape[1:], len(LANGUAGES), units), batch_size)


rnn_sweep_results = Sweep("rnn_sweep", grid(units=[32, 64, 128], batch_size=[32, 64, 128]), [0, 1, 2]).run(run_rnn)
rnn_sweep_results["val_accuracy"] *= 100
