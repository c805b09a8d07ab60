# ---
# assignment: project
# expect: {experiments: lost}
# why: two tables that overlap, one below the other
# ---
# %% experiments
def run(seed, cell, window):
    seed_everything(seed)
    data = forecasting(series.measured, window, horizon=12, longest=64)
    return train_at_home(cell, data, seed)  # in a module of our own


first = study(run, grid(cell=["RNN", "LSTM"], window=[4, 8, 16]), seeds=[0, 1, 2])
second = study(run, grid(cell=["RNN", "LSTM"], window=[16, 32, 64]), seeds=[0, 1, 2])
experiment_results = pd.concat([first, second], ignore_index=True)
