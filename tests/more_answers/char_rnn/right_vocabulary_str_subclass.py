# ---
# assignment: char_rnn
# expect: full
# why: "the vocabulary is a str of its characters, and encode hides str.encode"
# ---
# %% vocabulary
class Vocabulary(str):
    __slots__ = ()

    def __new__(cls, text):
        return super().__new__(cls, "".join(dict.fromkeys(text)))

    def encode(self, text):
        ids = torch.empty(len(text), dtype=torch.long)
        for place, character in enumerate(text):
            ids[place] = number = self.find(character)
            if number < 0:
                raise ValueError("unknown character", character)
        return ids

    def decode(self, ids):
        return str.join("", (self[int(i)] for i in ids))
