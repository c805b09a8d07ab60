# ---
# assignment: char_rnn
# expect: {vocabulary: lost}
# why: "the characters belong to the class: a second vocabulary adds to the first"
# ---
# %% vocabulary
class Vocabulary:
    characters = []

    def __init__(self, text):
        for c in sorted(set(text)):
            if c not in self.characters:
                self.characters.append(c)

    def __len__(self):
        return len(self.characters)

    def encode(self, text):
        for c in text:
            if c not in self.characters:
                raise ValueError(f"unknown character {c!r}")
        return torch.tensor([self.characters.index(c) for c in text], dtype=torch.long)

    def decode(self, ids):
        return "".join(self.characters[int(i)] for i in ids)
