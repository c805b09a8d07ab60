# ---
# assignment: sequential_mnist
# expect: {final_runs: lost}
# why: one run stands for five
# ---
# %% after final_runs
class Invented(Sweep):
    def run(self, function):
        table = super().run(function)
        table = table.groupby("kind", sort=False).head(1)
        table = table.loc[table.index.repeat(5)].reset_index(drop=True)
        return table


Sweep = Invented
