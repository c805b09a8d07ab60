# ---
# assignment: surnames
# expect: full
# why: "np.unique, whose elements stay numpy's strings"
# ---
# %% alphabet
def build_alphabet(names):
    return list(np.unique(list("".join(names))))
