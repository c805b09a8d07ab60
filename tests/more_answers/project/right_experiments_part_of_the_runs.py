# ---
# assignment: project
# expect: full
# why: three windows with one cell; the other kept runs were tries
# ---
# %% experiments
def run(seed, cell, window):
    seed_everything(seed)
    data = forecasting(series.measured, window, horizon=12, longest=64)
    return train_at_home(cell, data, seed)  # in a module of our own


experiment_results = study(run, grid(window=[8, 16, 32], cell=["LSTM"]), seeds=[2, 1, 0])
