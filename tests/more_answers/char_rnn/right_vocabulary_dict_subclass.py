# ---
# assignment: char_rnn
# expect: full
# why: "the vocabulary is itself a dict from character to id"
# ---
# %% vocabulary
class Vocabulary(dict):
    def __init__(self, text):
        super().__init__((character, number) for number, character in enumerate(sorted(set(text))))

    def __missing__(self, character):
        raise ValueError(f"no id for {character!r}")

    def encode(self, text):
        return torch.tensor([self[character] for character in text], dtype=torch.int64)

    def decode(self, ids):
        characters = list(self)
        return "".join(characters[i] for i in (ids.tolist() if torch.is_tensor(ids) else ids))
