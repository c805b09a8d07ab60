# ---
# assignment: surnames
# expect: {one_hot: lost}
# why: "strips spaces around a name"
# ---
# %% one_hot
def one_hot_encode(names, alphabet, max_length):
    out = np.zeros((len(names), max_length, len(alphabet)), dtype=np.float32)
    for i, name in enumerate(names):
        for t, c in enumerate(name.strip()[:max_length]):
            if c in alphabet:
                out[i, t, alphabet.index(c)] = 1
    return out
