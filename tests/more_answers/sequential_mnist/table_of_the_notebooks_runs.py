# ---
# assignment: sequential_mnist
# expect: {results_table: lost}
# why: the notebook's own runs, not the argument
# ---
# %% results_table
OWN = final_results


def summarise(final_results):
    groups = OWN.groupby("kind")
    return pd.DataFrame(
        {
            "train_mean": groups["train_accuracy"].mean(),
            "train_std": groups["train_accuracy"].std(),
            "test_mean": groups["test_accuracy"].mean(),
            "test_std": groups["test_accuracy"].std(),
        }
    )
