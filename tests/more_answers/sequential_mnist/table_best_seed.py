# ---
# assignment: sequential_mnist
# expect: {results_table: lost}
# why: the best seed in place of the mean
# ---
# %% results_table
def summarise(final_results):
    groups = final_results.groupby("kind")
    return pd.DataFrame(
        {
            "train_mean": groups["train_accuracy"].max(),
            "train_std": groups["train_accuracy"].std(ddof=1),
            "test_mean": groups["test_accuracy"].max(),
            "test_std": groups["test_accuracy"].std(ddof=1),
        }
    )
