# ---
# assignment: sequential_mnist
# expect: {results_table: lost}
# why: the argument is sorted and cut in place
# ---
# %% results_table
def summarise(final_results):
    final_results.drop(columns=[name for name in final_results if name == "seed"], inplace=True)
    groups = final_results.groupby("kind")
    means = groups[["train_accuracy", "test_accuracy"]].mean().set_axis(["train_mean", "test_mean"], axis=1)
    stds = groups[["train_accuracy", "test_accuracy"]].std().set_axis(["train_std", "test_std"], axis=1)
    return means.join(stds)
