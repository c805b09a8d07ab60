# ---
# assignment: sequential_mnist
# expect: {results_table: lost}
# why: columns of two levels, as agg leaves them
# ---
# %% results_table
def summarise(final_results):
    return final_results.groupby("kind")[["train_accuracy", "test_accuracy"]].agg(["mean", "std"])
