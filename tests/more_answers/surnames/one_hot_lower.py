# ---
# assignment: surnames
# expect: {one_hot: lost}
# why: "falls back to the small letter for an unknown capital"
# ---
# %% one_hot
def one_hot_encode(names, alphabet, max_length):
    column = {c: k for k, c in enumerate(alphabet)}
    out = np.zeros((len(names), max_length, len(alphabet)), dtype=np.float32)
    for i, name in enumerate(names):
        for t, c in enumerate(name[:max_length]):
            k = column.get(c, column.get(c.lower()))
            if k is not None:
                out[i, t, k] = 1
    return out
