# ---
# assignment: sequential_mnist
# expect: full
# why: two statistics at once, the names joined; sorted by test accuracy
# ---
# %% results_table
def summarise(final_results):
    table = final_results.pivot_table(index="kind", values=["train_accuracy", "test_accuracy"], aggfunc=["mean", "std"])
    table.columns = [f"{column.removesuffix('_accuracy')}_{statistic}" for statistic, column in table.columns]
    return table.sort_values("test_mean", ascending=False)
