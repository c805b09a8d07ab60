# ---
# assignment: surnames
# expect: {alphabet: lost}
# why: reads the notebook's data instead of its argument
# ---
# %% alphabet
def build_alphabet(names):
    return sorted({c for name in data.train.names for c in name})
