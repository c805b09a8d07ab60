# ---
# assignment: surnames
# expect: full
# why: characters are collected one by one, and sorted at the end
# ---
# %% alphabet
def build_alphabet(names):
    alphabet = []
    for name in names:
        for character in name:
            if character not in alphabet:
                alphabet.append(character)
    alphabet.sort()
    return alphabet
