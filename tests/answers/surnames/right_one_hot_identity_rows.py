# ---
# assignment: surnames
# expect: full
# why: rows of an identity matrix, padded with np.pad
# ---
# %% one_hot
def one_hot_encode(names, alphabet, max_length):
    rows = {c: row for c, row in zip(alphabet, np.eye(len(alphabet), dtype="float32"))}
    nothing = np.zeros(len(alphabet), dtype="float32")
    encoded = []
    for name in names:
        matrix = [rows.get(c, nothing) for c in name[:max_length]]
        matrix += [nothing] * (max_length - len(matrix))
        encoded.append(np.stack(matrix))
    return np.stack(encoded)
