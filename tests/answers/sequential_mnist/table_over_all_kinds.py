# ---
# assignment: sequential_mnist
# expect: {results_table: lost}
# why: "the wrong axis: the spread over all kinds together"
# ---
# %% results_table
def summarise(final_results):
    kinds = sorted(set(final_results["kind"]))
    return pd.DataFrame(
        {
            f"{name}_{statistic}": [getattr(final_results[f"{name}_accuracy"], statistic)()] * len(kinds)
            for name in ("train", "test")
            for statistic in ("mean", "std")
        },
        index=pd.Index(kinds, name="kind"),
    )
