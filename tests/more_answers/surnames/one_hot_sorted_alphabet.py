# ---
# assignment: surnames
# expect: {one_hot: lost}
# why: "columns follow the sorted alphabet, not the one that was given"
# ---
# %% one_hot
def one_hot_encode(names, alphabet, max_length):
    column = {c: k for k, c in enumerate(sorted(alphabet))}
    out = np.zeros((len(names), max_length, len(alphabet)), dtype=np.float32)
    for i, name in enumerate(names):
        for t, c in enumerate(name[:max_length]):
            if c in column:
                out[i, t, column[c]] = 1
    return out
