# ---
# assignment: sequential_mnist
# expect: {results_table: lost}
# why: three kinds are counted by name, others are left out
# ---
# %% results_table
def summarise(final_results):
    rows = []
    for kind in ("rnn", "gru", "lstm"):
        own = final_results[final_results["kind"] == kind]
        train, test = own["train_accuracy"], own["test_accuracy"]
        rows.append((kind, train.mean(), train.std(), test.mean(), test.std()))
    columns = ["kind", "train_mean", "train_std", "test_mean", "test_std"]
    return pd.DataFrame(rows, columns=columns).set_index("kind").dropna()
