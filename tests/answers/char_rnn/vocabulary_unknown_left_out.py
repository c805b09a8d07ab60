# ---
# assignment: char_rnn
# expect: {vocabulary: lost}
# why: unknown characters are left out in silence
# ---
# %% vocabulary
class Vocabulary:
    def __init__(self, text):
        self.characters = sorted(set(text))
        self.ids = {c: i for i, c in enumerate(self.characters)}

    def __len__(self):
        return len(self.characters)

    def encode(self, text):
        return torch.tensor([self.ids[c] for c in text if c in self.ids], dtype=torch.long)

    def decode(self, ids):
        return "".join(self.characters[int(i)] for i in ids)
