# ---
# assignment: sequential_mnist
# expect: {final_runs: lost}
# why: one row a kind, the mean of its runs
# ---
# %% after final_runs
class Invented(Sweep):
    def run(self, function):
        table = super().run(function)
        table = table.groupby("kind", as_index=False).mean(numeric_only=True)
        table["seed"] = 0
        return table


Sweep = Invented
