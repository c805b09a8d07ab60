# ---
# assignment: project
# expect: {experiments: lost}
# why: the columns of what was varied are dropped
# ---
# %% experiments
def run(seed, cell, window):
    seed_everything(seed)
    data = forecasting(series.measured, window, horizon=12, longest=64)
    return train_at_home(cell, data, seed)  # in a module of our own


experiment_results = study(run, grid(cell=["RNN", "LSTM"], window=[4, 8, 16, 32, 64]), seeds=[0, 1, 2])
experiment_results = experiment_results.drop(columns=["cell", "window"])
