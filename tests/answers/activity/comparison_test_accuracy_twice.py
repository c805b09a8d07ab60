# ---
# assignment: activity
# expect: {comparison: lost}
# why: the test accuracy stands in the column of the validation accuracy
# ---
# %% after comparison
class Invented(Sweep):
    def run(self, function):
        table = super().run(function)
        table["val_accuracy"] = table["test_accuracy"]
        return table


Sweep = Invented
