# ---
# assignment: char_rnn
# expect: full
# why: sorted code points in numpy, found by bisection
# ---
# %% vocabulary
class Vocabulary:
    def __init__(self, text):
        self.codes = np.unique(self._codes(text))

    @staticmethod
    def _codes(text):
        return np.array([ord(c) for c in text], dtype=np.int64)

    def __len__(self):
        return len(self.codes)

    def encode(self, text):
        codes = self._codes(text)
        ids = np.searchsorted(self.codes, codes).clip(max=len(self.codes) - 1)
        wrong = np.flatnonzero(self.codes[ids] != codes)
        if len(wrong):
            raise ValueError("unknown character U+%04X" % codes[wrong[0]])
        return torch.from_numpy(ids).long()

    def decode(self, ids):
        return "".join(chr(code) for code in self.codes[np.asarray(ids)])
