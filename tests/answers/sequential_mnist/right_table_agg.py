# ---
# assignment: sequential_mnist
# expect: full
# why: named aggregation
# ---
# %% results_table
def summarise(final_results):
    return final_results.groupby("kind").agg(
        train_mean=("train_accuracy", "mean"),
        train_std=("train_accuracy", "std"),
        test_mean=("test_accuracy", "mean"),
        test_std=("test_accuracy", "std"),
    )
