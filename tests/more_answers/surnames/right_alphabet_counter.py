# ---
# assignment: surnames
# expect: full
# why: Counter, and np.str_ in the list
# ---
# %% alphabet
from collections import Counter


def build_alphabet(names):
    counter = Counter()
    for name in np.asarray(names, dtype=str):
        counter.update(np.str_(character) for character in name)
    return [character for character, _ in sorted(counter.items())]
