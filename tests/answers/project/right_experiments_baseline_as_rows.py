# ---
# assignment: project
# expect: full
# why: the baseline stands in rows of its own, with one seed, since it draws nothing
# ---
# %% experiments
runs = [r for r in Results("experiments").runs() if r.setting["window"] in (8, 16)]
rows = [{**r.setting, "seed": r.seed, "val_r2": r.metrics["val_r2"]} for r in runs]
experiment_results = pd.DataFrame(rows)
# %% file results/experiments/baseline_ridge-8-seed0-1.json
{"format": 1, "exercise": "experiments", "setting": {"cell": "baseline: ridge", "window": 8}, "seed": 0, "metrics": {"val_r2": 0.455}, "environment": {"kept": "2024-05-01T10:00:00+00:00"}, "data": {}, "history": {}, "weights": null}
# %% file results/experiments/baseline_ridge-16-seed0-1.json
{"format": 1, "exercise": "experiments", "setting": {"cell": "baseline: ridge", "window": 16}, "seed": 0, "metrics": {"val_r2": 0.514}, "environment": {"kept": "2024-05-01T10:00:00+00:00"}, "data": {}, "history": {}, "weights": null}
