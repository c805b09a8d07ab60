# ---
# assignment: project
# expect: {experiments: lost}
# why: of each setting the best run is kept and the others are left out
# ---
# %% experiments
def run(seed, cell, window):
    seed_everything(seed)
    data = forecasting(series.measured, window, horizon=12, longest=64)
    return train_at_home(cell, data, seed)  # in a module of our own


experiment_results = study(run, grid(cell=["RNN", "LSTM"], window=[4, 8, 16, 32, 64]), seeds=[0, 1, 2])
best = experiment_results.groupby(["cell", "window"])["val_r2"].idxmax()
experiment_results = experiment_results.loc[best].reset_index(drop=True)
