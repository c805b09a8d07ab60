# ---
# assignment: char_rnn
# expect: {sampling: lost}
# why: "top-p: the unlikely characters that make up the last five percent are never drawn"
# ---
# %% sampling
@torch.no_grad()
def generate(model, vocabulary, prompt, length, temperature, generator, top_p=0.95):
    model.eval()
    state, ids, out = None, vocabulary.encode(prompt)[None], []
    for _ in range(length):
        logits, state = model(ids, state)
        a = logits[0, -1]
        if temperature == 0:
            new = a.argmax().view(1)
        else:
            p, order = torch.softmax(a / temperature, -1).sort(descending=True)
            p[p.cumsum(0) - p > top_p] = 0
            new = order[torch.multinomial(p, 1, generator=generator)]
        ids = new.view(1, 1)
        out.append(int(new))
    return prompt + vocabulary.decode(out)
