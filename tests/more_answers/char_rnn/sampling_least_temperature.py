# ---
# assignment: char_rnn
# expect: {sampling: lost}
# why: "temperature 0 is replaced by 0.1: nearly greedy where logits are far apart"
# ---
# %% sampling
@torch.no_grad()
def generate(model, vocabulary, prompt, length, temperature, generator):
    model.eval()
    temperature = max(temperature, 0.1)
    state, ids, out = None, vocabulary.encode(prompt)[None], []
    for _ in range(length):
        logits, state = model(ids, state)
        ids = torch.multinomial(torch.softmax(logits[0, -1] / temperature, -1), 1, generator=generator)[None]
        out.append(int(ids))
    return prompt + vocabulary.decode(out)
