# ---
# assignment: activity
# expect: {comparison: lost}
# why: the median run stands for all of its seeds
# ---
# %% after comparison
class Invented(Sweep):
    def run(self, function):
        table = super().run(function)
        for column in ("val_accuracy", "test_accuracy"):
            table[column] = table.groupby(list(SETTINGS[0]))[column].transform("median")
        return table


Sweep = Invented
