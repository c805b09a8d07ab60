# ---
# assignment: surnames
# expect: {alphabet: lost}
# why: characters are not made distinct
# ---
# %% alphabet
def build_alphabet(names):
    return sorted("".join(names))
