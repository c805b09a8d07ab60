# ---
# assignment: sequential_mnist
# expect: {final_runs: lost}
# why: figures that no run gave
# ---
# %% after final_runs
class Invented(Sweep):
    def run(self, function):
        table = super().run(function)
        table["test_accuracy"] = (table["test_accuracy"] + 0.004).clip(upper=1.0)
        return table


Sweep = Invented
