# ---
# assignment: char_rnn
# expect: {vocabulary: lost}
# why: len is that of the text
# ---
# %% vocabulary
class Vocabulary:
    def __init__(self, text):
        self.n = len(text)
        self.characters = sorted(set(text))
        self.ids = {c: i for i, c in enumerate(self.characters)}

    def __len__(self):
        return self.n

    def encode(self, text):
        for c in text:
            if c not in self.ids:
                raise ValueError(f"unknown character {c!r}")
        return torch.tensor([self.ids[c] for c in text], dtype=torch.long)

    def decode(self, ids):
        return "".join(self.characters[int(i)] for i in ids)
