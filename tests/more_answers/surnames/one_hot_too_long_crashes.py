# ---
# assignment: surnames
# expect: {one_hot: lost}
# why: names longer than the maximum are not cut
# ---
# %% one_hot
def one_hot_encode(names, alphabet, max_length):
    encoded = np.zeros((len(names), max_length, len(alphabet)), dtype=np.float32)
    for i, name in enumerate(names):
        for t, c in enumerate(name):
            if c in alphabet:
                encoded[i, t, alphabet.index(c)] = 1
    return encoded
