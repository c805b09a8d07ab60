# ---
# assignment: surnames
# expect: {rnn_sweep: lost}
# why: figures typed into a table, without runs
# ---
# %% rnn_sweep
rows = []
for u in (32, 64, 128):
    for b in (32, 64, 128):
        for s in (0, 1):
            rows.append({"units": u, "batch_size": b, "seed": s, "val_accuracy": 0.6 + u / 1000 + s / 100})
rnn_sweep_results = pd.DataFrame(rows)
