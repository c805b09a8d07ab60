# ---
# assignment: surnames
# expect: {alphabet: lost}
# why: all letters made small
# ---
# %% alphabet
def build_alphabet(names):
    return sorted(set("".join(names).lower()))
