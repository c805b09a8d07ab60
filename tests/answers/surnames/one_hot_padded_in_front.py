# ---
# assignment: surnames
# expect: {one_hot: lost}
# why: padding stands in front of the names
# ---
# %% one_hot
def one_hot_encode(names, alphabet, max_length):
    encoded = np.zeros((len(names), max_length, len(alphabet)), dtype=np.float32)
    for i, name in enumerate(names):
        name = name[:max_length]
        start = max_length - len(name)
        for t, c in enumerate(name):
            if c in alphabet:
                encoded[i, start + t, alphabet.index(c)] = 1
    return encoded
