# ---
# assignment: sequential_mnist
# expect: {results_table: lost}
# why: the range in place of the deviation
# ---
# %% results_table
def summarise(final_results):
    groups = final_results.groupby("kind")
    return pd.DataFrame(
        {
            "train_mean": groups["train_accuracy"].mean(),
            "train_std": groups["train_accuracy"].max() - groups["train_accuracy"].min(),
            "test_mean": groups["test_accuracy"].mean(),
            "test_std": groups["test_accuracy"].max() - groups["test_accuracy"].min(),
        }
    )
