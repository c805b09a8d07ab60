# ---
# assignment: char_rnn
# expect: {sampling: lost}
# why: "the prompt is read in two halves, and the second half without the state of the first"
# ---
# %% sampling
@torch.no_grad()
def generate(model, vocabulary, prompt, length, temperature, generator):
    model.eval()
    state, out = None, []
    for piece in vocabulary.encode(prompt).split(100):
        logits, state = model(piece[None], None)
    for _ in range(length):
        a = logits[0, -1]
        new = a.argmax().view(1) if temperature == 0 else torch.multinomial((a / temperature).softmax(-1), 1, generator=generator)
        out.append(int(new))
        logits, state = model(new.view(1, 1), state)
    return prompt + vocabulary.decode(out)
