# ---
# assignment: activity
# expect: {comparison: lost}
# why: means over the seeds instead of one row for each run
# ---
# %% after comparison
class Invented(Sweep):
    def run(self, function):
        table = super().run(function)
        table = table.groupby(list(SETTINGS[0]), as_index=False).mean()
        return table


Sweep = Invented
