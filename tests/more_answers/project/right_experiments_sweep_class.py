# ---
# assignment: project
# expect: full
# why: "the sweep's class, rows shuffled, categories, nullable integers"
# ---
# %% experiments
sweep = Sweep("experiments", [dict(cell=c, window=w) for c in ("LSTM", "RNN") for w in (4, 8, 16, 32, 64)], [2, 0, 1])
experiment_results = sweep.run(lambda seed, **setting: {"val_r2": 0.0})
experiment_results = experiment_results.sample(frac=1, random_state=3).astype({"cell": "category", "seed": "Int64"})
