# ---
# assignment: surnames
# expect: {alphabet: lost}
# why: spaces and hyphens are left out
# ---
# %% alphabet
def build_alphabet(names):
    return sorted(c for c in set("".join(names)) if c.isalpha())
