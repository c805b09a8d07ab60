# ---
# assignment: project
# expect: {experiments: 0.85}
# why: data are loaded in the cell itself, and are not there when it is marked; the runs were kept
# ---
# %% experiments
ours = np.load("our_series.npy")


def run(seed, cell, window):
    seed_everything(seed)
    data = forecasting(ours, window, horizon=12, longest=64)
    return train_at_home(cell, data, seed)  # in a module of our own


experiment_results = study(run, grid(cell=["RNN", "LSTM"], window=[4, 8, 16, 32, 64]), seeds=[0, 1, 2])
