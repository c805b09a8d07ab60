# ---
# assignment: activity
# expect: {comparison: lost}
# why: the first seed stands for all of them
# ---
# %% after comparison
class Invented(Sweep):
    def run(self, function):
        table = super().run(function)
        for column in ("val_accuracy", "test_accuracy"):
            table[column] = table.groupby(list(SETTINGS[0]))[column].transform("first")
        return table


Sweep = Invented
