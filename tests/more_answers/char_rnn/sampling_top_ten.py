# ---
# assignment: char_rnn
# expect: {sampling: lost}
# why: "only the ten likeliest characters can be drawn"
# ---
# %% sampling
@torch.no_grad()
def generate(model, vocabulary, prompt, length, temperature, generator, top_k=10):
    model.eval()
    state, ids, out = None, vocabulary.encode(prompt)[None], []
    for _ in range(length):
        logits, state = model(ids, state)
        best, places = logits[0, -1].topk(min(top_k, logits.shape[-1]))
        k = 0 if temperature == 0 else torch.multinomial((best / temperature).softmax(-1), 1, generator=generator).item()
        ids = places[k].reshape(1, 1)
        out.append(int(ids))
    return prompt + vocabulary.decode(out)
