# ---
# assignment: surnames
# expect: {one_hot: lost}
# why: padding is coded as character 0 of the alphabet
# ---
# %% one_hot
def one_hot_encode(names, alphabet, max_length):
    ids = np.zeros((len(names), max_length), dtype=int)
    for i, name in enumerate(names):
        for t, c in enumerate(name[:max_length]):
            if c in alphabet:
                ids[i, t] = alphabet.index(c)
    return np.eye(len(alphabet), dtype=np.float32)[ids]
