# ---
# assignment: activity
# expect: {comparison: lost}
# why: "figures that no run gave: the table is made better by hand"
# ---
# %% after comparison
class Invented(Sweep):
    def run(self, function):
        table = super().run(function)
        table["val_accuracy"] = (table["val_accuracy"] + 0.013).clip(upper=1.0)
        return table


Sweep = Invented
