# ---
# assignment: char_rnn
# expect: full
# why: the whole text is read anew for every character
# ---
# %% sampling
def generate(model, vocabulary, prompt, length, temperature, generator):
    ids = vocabulary.encode(prompt)
    for _ in range(length):
        with torch.no_grad():
            logits, _ = model(ids.unsqueeze(0))
        logits = logits[0, -1]
        if temperature == 0:
            new = torch.argmax(logits).reshape(1)
        else:
            new = torch.multinomial(F.softmax(logits / temperature, dim=-1), 1, generator=generator)
        ids = torch.cat([ids, new])
    return vocabulary.decode(ids)
