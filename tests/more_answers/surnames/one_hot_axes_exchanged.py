# ---
# assignment: surnames
# expect: {one_hot: lost}
# why: (n, characters, time)
# ---
# %% one_hot
def one_hot_encode(names, alphabet, max_length):
    encoded = np.zeros((len(names), len(alphabet), max_length), dtype=np.float32)
    for i, name in enumerate(names):
        for t, c in enumerate(name[:max_length]):
            if c in alphabet:
                encoded[i, alphabet.index(c), t] = 1
    return encoded
