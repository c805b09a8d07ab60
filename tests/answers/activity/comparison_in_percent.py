# ---
# assignment: activity
# expect: {comparison: lost}
# why: accuracies in percent
# ---
# %% after comparison
class Invented(Sweep):
    def run(self, function):
        table = super().run(function)
        table[["val_accuracy", "test_accuracy"]] *= 100
        return table


Sweep = Invented
