# ---
# assignment: surnames
# expect: {one_hot: lost}
# why: unknown characters are coded as the last letter
# ---
# %% one_hot
def one_hot_encode(names, alphabet, max_length):
    encoded = np.zeros((len(names), max_length, len(alphabet)), dtype=np.float32)
    for i, name in enumerate(names):
        for t, c in enumerate(name[:max_length]):
            encoded[i, t, alphabet.index(c) if c in alphabet else -1] = 1
    return encoded
