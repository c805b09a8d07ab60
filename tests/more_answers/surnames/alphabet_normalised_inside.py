# ---
# assignment: surnames
# expect: {alphabet: lost}
# why: decomposes letters with marks
# ---
# %% alphabet
import unicodedata


def build_alphabet(names):
    return sorted(set(unicodedata.normalize("NFD", "".join(names))))
