# ---
# assignment: activity
# expect: {comparison: lost}
# why: rows of seeds that were never run
# ---
# %% after comparison
class Invented(Sweep):
    def run(self, function):
        table = super().run(function)
        more = table.copy()
        more["seed"] += 100
        table = pd.concat([table, more], ignore_index=True)
        return table


Sweep = Invented
