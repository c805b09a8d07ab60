# ---
# assignment: char_rnn
# expect: {sampling: lost}
# why: temperature 0 divides by zero
# ---
# %% sampling
@torch.no_grad()
def generate(model, vocabulary, prompt, length, temperature, generator):
    logits, state = model(vocabulary.encode(prompt)[None])
    text = prompt
    for _ in range(length):
        p = torch.softmax(logits[0, -1] / temperature, dim=-1)
        new = torch.multinomial(p, 1, generator=generator)
        text += vocabulary.decode(new)
        logits, state = model(new[None], state)
    return text
