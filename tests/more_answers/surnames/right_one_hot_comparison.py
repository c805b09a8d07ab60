# ---
# assignment: surnames
# expect: full
# why: compares an array of characters with the alphabet
# ---
# %% one_hot
def one_hot_encode(names, alphabet, max_length):
    # "\0" ends a C string and is in no alphabet
    padded = [list(str(name)[:max_length].ljust(max_length, "\0")) for name in names]
    return (np.array(padded, dtype=object)[:, :, None] == np.array(list(alphabet), dtype=object)).astype(np.float32)
