# ---
# assignment: activity
# expect: {comparison: lost}
# why: a column has another name
# ---
# %% after comparison
class Invented(Sweep):
    def run(self, function):
        table = super().run(function)
        table = table.rename(columns={"val_accuracy": "validation accuracy"})
        return table


Sweep = Invented
