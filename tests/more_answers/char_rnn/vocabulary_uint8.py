# ---
# assignment: char_rnn
# expect: {vocabulary: lost}
# why: "ids are kept as bytes: from the 257th character on they begin again"
# ---
# %% vocabulary
class Vocabulary:
    def __init__(self, text):
        self.chars = sorted(set(text))
        self.table = {c: i for i, c in enumerate(self.chars)}

    def __len__(self):
        return len(self.chars)

    def encode(self, text):
        unknown = set(text) - set(self.table)
        if unknown:
            raise ValueError(f"unknown: {unknown}")
        ids = np.array([self.table[c] for c in text], dtype=np.int64).astype(np.uint8)
        return torch.from_numpy(ids).long()

    def decode(self, ids):
        return "".join(self.chars[int(i)] for i in ids)
