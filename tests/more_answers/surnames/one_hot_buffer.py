# ---
# assignment: surnames
# expect: {one_hot: lost}
# why: "one buffer is used again for calls of the same shape"
# ---
# %% one_hot
_buffers = {}
def one_hot_encode(names, alphabet, max_length):
    shape = (len(names), max_length, len(alphabet))
    out = _buffers.setdefault(shape, np.zeros(shape, dtype=np.float32))
    for i, name in enumerate(names):
        for t, c in enumerate(name[:max_length]):
            if c in alphabet:
                out[i, t, alphabet.index(c)] = 1
    return out.copy()
