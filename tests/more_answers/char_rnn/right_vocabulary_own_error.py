# ---
# assignment: char_rnn
# expect: full
# why: an exception of its own that is a ValueError; ids by frequency would change, so sorted
# ---
# %% vocabulary
class UnknownCharacter(ValueError):
    pass


class Vocabulary(dict):
    """character -> id"""

    def __init__(self, text):
        super().__init__((c, i) for i, c in enumerate(sorted(set(text))))
        self.back = {i: c for c, i in self.items()}

    def encode(self, text):
        for c in text:
            if c not in self:
                raise UnknownCharacter(f"{c!r} does not occur in the text that the vocabulary was made of")
        return torch.as_tensor(list(map(self.__getitem__, text)), dtype=torch.int64)

    def decode(self, ids):
        return "".join(map(self.back.get, map(int, ids)))
