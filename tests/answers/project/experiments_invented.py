# ---
# assignment: project
# expect: {experiments: lost}
# why: figures typed into a table, without runs
# ---
# %% experiments
rows = [
    {
        "cell": cell,
        "units": units,
        "seed": seed,
        "val_accuracy": 0.7 + units / 1000 + seed / 97,
        "baseline_val_accuracy": 0.6,
    }
    for cell in ("GRU", "LSTM")
    for units in (16, 32, 64)
    for seed in range(3)
]
experiment_results = pd.DataFrame(rows)
