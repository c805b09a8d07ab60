# ---
# assignment: sequential_mnist
# expect: {results_table: lost}
# why: rounded to two decimals
# ---
# %% results_table
def summarise(final_results):
    groups = final_results.groupby("kind")
    return pd.DataFrame(
        {
            "train_mean": groups["train_accuracy"].mean(),
            "train_std": groups["train_accuracy"].std(ddof=1),
            "test_mean": groups["test_accuracy"].mean(),
            "test_std": groups["test_accuracy"].std(ddof=1),
        }
    ).round(2)
