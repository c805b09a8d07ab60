# ---
# assignment: surnames
# expect: full
# why: "sklearn's OneHotEncoder that ignores unknown ones"
# ---
# %% one_hot
from sklearn.preprocessing import OneHotEncoder

def one_hot_encode(names, alphabet, max_length):
    encoder = OneHotEncoder(categories=[list(alphabet)], handle_unknown="ignore", sparse_output=False, dtype=np.float32)
    encoder.fit(np.array(alphabet, dtype=object)[:, None])
    padded = [list(str(n)[:max_length].ljust(max_length, "\0")) for n in names]
    cells = np.array(padded, dtype=object).reshape(-1, 1)
    return encoder.transform(cells).reshape(len(names), max_length, len(alphabet))
