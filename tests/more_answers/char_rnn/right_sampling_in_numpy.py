# ---
# assignment: char_rnn
# expect: full
# why: probabilities in numpy, drawn by a numpy generator that is seeded from the one passed
# ---
# %% sampling
def generate(model, vocabulary, prompt, length, temperature, generator):
    seed = int(torch.randint(2**31, (1,), generator=generator))
    rng = np.random.default_rng(seed)
    text, state, inputs = prompt, None, vocabulary.encode(prompt)[None]
    while len(text) < len(prompt) + length:
        logits, state = model(inputs, state)
        row = logits[0, -1].detach().numpy().astype(float)
        if temperature == 0:
            k = int(np.argmax(row))
        else:
            p = np.exp((row - row.max()) / temperature)
            k = int(rng.choice(len(p), p=p / p.sum()))
        text += vocabulary.decode([k])
        inputs = torch.tensor([[k]])
    return text
