# ---
# assignment: surnames
# expect: {alphabet: lost}
# why: a string instead of a list
# ---
# %% alphabet
def build_alphabet(names):
    return "".join(sorted(set("".join(names))))
