# ---
# assignment: project
# expect: full
# why: Sweep in place of the laboratory, and a function that trains by itself
# ---
# %% experiments
def run(seed, cell, window):
    seed_everything(seed)
    data = forecasting(series.measured, window, horizon=12, longest=64)
    return train_at_home(cell, data, seed)  # in a module of our own


settings = [{"cell": c, "window": w} for c in ("RNN", "LSTM") for w in (4, 8, 16, 32, 64)]
experiment_results = Sweep("experiments", settings, range(3)).run(run)
