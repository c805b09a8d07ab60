# ---
# assignment: sequential_mnist
# expect: {results_table: lost}
# why: the variance
# ---
# %% results_table
def summarise(final_results):
    groups = final_results.groupby("kind")
    return pd.DataFrame(
        {
            "train_mean": groups["train_accuracy"].mean(),
            "train_std": groups["train_accuracy"].var(),
            "test_mean": groups["test_accuracy"].mean(),
            "test_std": groups["test_accuracy"].var(),
        }
    )
