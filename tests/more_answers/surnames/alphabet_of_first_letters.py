# ---
# assignment: surnames
# expect: {alphabet: lost}
# why: only the first letter of each name
# ---
# %% alphabet
def build_alphabet(names):
    return sorted({name[0] for name in names})
