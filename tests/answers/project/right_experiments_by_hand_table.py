# ---
# assignment: project
# expect: full
# why: the table is put together out of the kept runs, with columns of its own
# ---
# %% experiments
rows = []
for run in Results("experiments").runs():
    row = {"seed": run.seed, **run.setting, "error_explained": 1 - run.metrics["val_r2"]}
    rows.append(row | {name: value for name, value in run.metrics.items() if name != "seconds"})
experiment_results = pd.DataFrame(rows).sort_values(["cell", "window", "seed"]).reset_index(drop=True)
