# ---
# assignment: char_rnn
# expect: full
# why: "the generator seeds a numpy generator, which draws"
# ---
# %% sampling
@torch.no_grad()
def generate(model, vocabulary, prompt, length, temperature, generator):
    model.eval()
    rng = np.random.default_rng(int(torch.randint(2**62, (1,), generator=generator)))
    state, ids = None, vocabulary.encode(prompt).tolist()
    for _ in range(length):
        unread = ids if state is None and len(ids) == len(prompt) else ids[-1:]
        logits, state = model(torch.tensor([unread]), state)
        a = logits[0, -1].numpy().astype(float)
        if temperature == 0:
            ids.append(int(np.argmax(a)))
        else:
            a = a / temperature
            p = np.exp(a - a.max())
            ids.append(int(rng.choice(len(p), p=p / p.sum())))
    return prompt + vocabulary.decode(ids[len(prompt) :])
