# ---
# assignment: sequential_mnist
# expect: {results_table: lost}
# why: runs with equal accuracies are taken for duplicates
# ---
# %% results_table
def summarise(final_results):
    clean = final_results.drop_duplicates(subset=["kind", "train_accuracy"])
    g = clean.groupby("kind")
    return pd.DataFrame(
        {
            "train_mean": g["train_accuracy"].mean(),
            "train_std": final_results.groupby("kind")["train_accuracy"].std(),
            "test_mean": g["test_accuracy"].mean(),
            "test_std": g["test_accuracy"].std(),
        }
    )
