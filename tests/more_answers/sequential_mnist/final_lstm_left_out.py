# ---
# assignment: sequential_mnist
# expect: {final_runs: lost}
# why: a kind is left out
# ---
# %% after final_runs
class Invented(Sweep):
    def run(self, function):
        table = super().run(function)
        table = table[table["kind"] != "lstm"]
        return table


Sweep = Invented
