# ---
# assignment: surnames
# expect: {alphabet: lost}
# why: a set, in whatever order
# ---
# %% alphabet
def build_alphabet(names):
    return list(set("".join(names)))
