# ---
# assignment: project
# expect: {experiments: lost}
# why: every run has the mean of its setting in place of its own figures
# ---
# %% experiments
def run(seed, cell, window):
    seed_everything(seed)
    data = forecasting(series.measured, window, horizon=12, longest=64)
    return train_at_home(cell, data, seed)  # in a module of our own


experiment_results = study(run, grid(cell=["RNN", "LSTM"], window=[4, 8, 16, 32, 64]), seeds=[0, 1, 2])
measured = [name for name in experiment_results if name not in ("cell", "window", "seed")]
means = experiment_results.groupby(["cell", "window"])[measured].transform("mean")
experiment_results = experiment_results.assign(**means)
