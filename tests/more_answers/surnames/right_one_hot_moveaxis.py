# ---
# assignment: surnames
# expect: full
# why: "filled with the letters in front, handed back as a view with the axes moved"
# ---
# %% one_hot
def one_hot_encode(names, alphabet, max_length):
    out = np.zeros((len(alphabet), len(names), max_length), dtype=np.float32)
    for k, letter in enumerate(alphabet):
        for i, name in enumerate(names):
            for t in range(min(len(name), max_length)):
                out[k, i, t] = name[t] == letter
    return np.moveaxis(out, 0, -1)
