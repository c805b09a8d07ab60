# ---
# assignment: surnames
# expect: {alphabet: lost}
# why: "strips each name"
# ---
# %% alphabet
def build_alphabet(names):
    return sorted({c for n in names for c in n.strip()})
