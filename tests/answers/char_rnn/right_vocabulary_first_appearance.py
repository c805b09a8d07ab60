# ---
# assignment: char_rnn
# expect: full
# why: ids in the order in which the characters appear
# ---
# %% vocabulary
class Vocabulary:
    def __init__(self, text):
        self.characters = list(dict.fromkeys(text))
        self.index = dict(zip(self.characters, range(len(self.characters))))

    def __len__(self):
        return len(self.characters)

    def encode(self, text):
        try:
            return torch.LongTensor([self.index[c] for c in text])
        except KeyError as error:
            raise ValueError(f"not in the vocabulary: {error}") from error

    def decode(self, ids):
        return "".join([self.characters[i] for i in map(int, ids)])
