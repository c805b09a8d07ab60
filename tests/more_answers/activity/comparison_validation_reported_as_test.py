# ---
# assignment: activity
# expect: {comparison: lost}
# why: the validation accuracy stands in the column of the test accuracy too
# ---
# %% after comparison
class Invented(Sweep):
    def run(self, function):
        table = super().run(function)
        table["test_accuracy"] = table["val_accuracy"]
        return table


Sweep = Invented
