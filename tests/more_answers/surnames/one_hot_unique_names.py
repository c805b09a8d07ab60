# ---
# assignment: surnames
# expect: {one_hot: lost}
# why: "repeated names are encoded once"
# ---
# %% one_hot
def one_hot_encode(names, alphabet, max_length):
    rows = {name: k for k, name in enumerate(dict.fromkeys(names))}
    out = np.zeros((len(rows), max_length, len(alphabet)), dtype=np.float32)
    for name, i in rows.items():
        for t, c in enumerate(name[:max_length]):
            if c in alphabet:
                out[i, t, alphabet.index(c)] = 1
    return out
