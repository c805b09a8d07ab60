# ---
# assignment: surnames
# expect: {one_hot: lost}
# why: counts of characters, without an axis for time
# ---
# %% one_hot
def one_hot_encode(names, alphabet, max_length):
    return np.array([[name[:max_length].count(c) for c in alphabet] for name in names], dtype=np.float32)
