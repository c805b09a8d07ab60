# ---
# assignment: surnames
# expect: {one_hot: lost}
# why: what follows an unknown character moves up
# ---
# %% one_hot
def one_hot_encode(names, alphabet, max_length):
    encoded = np.zeros((len(names), max_length, len(alphabet)), dtype=np.float32)
    for i, name in enumerate(names):
        known = [c for c in name if c in alphabet][:max_length]
        for t, c in enumerate(known):
            encoded[i, t, alphabet.index(c)] = 1
    return encoded
