# ---
# assignment: surnames
# expect: {alphabet: lost}
# why: letters with marks are dropped
# ---
# %% alphabet
import string


def build_alphabet(names):
    return sorted(c for c in set("".join(names)) if c in string.printable)
