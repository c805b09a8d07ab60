# ---
# assignment: sequential_mnist
# expect: full
# why: Python's statistics, in the order in which the kinds appear
# ---
# %% results_table
import statistics


def summarise(final_results):
    rows = {}
    for kind in dict.fromkeys(final_results["kind"]):
        own = final_results[final_results["kind"] == kind]
        rows[kind] = {}
        for name in ("train", "test"):
            values = [float(value) for value in own[f"{name}_accuracy"]]
            rows[kind][f"{name}_mean"] = statistics.mean(values)
            rows[kind][f"{name}_std"] = statistics.stdev(values)
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("kind")
