# ---
# assignment: char_rnn
# expect: {sampling: lost}
# why: "temperatures above 2 are taken as 2"
# ---
# %% sampling
@torch.no_grad()
def generate(model, vocabulary, prompt, length, temperature, generator):
    model.eval()
    temperature = min(temperature, 2.0)
    state, ids, out = None, vocabulary.encode(prompt)[None], []
    for _ in range(length):
        logits, state = model(ids, state)
        a = logits[0, -1]
        new = a.argmax().view(1) if temperature == 0 else torch.multinomial((a / temperature).softmax(-1), 1, generator=generator)
        ids = new.view(1, 1)
        out.append(int(new))
    return prompt + vocabulary.decode(out)
