# ---
# assignment: char_rnn
# expect: full
# why: Gumbel noise and argmax; the prompt character by character
# ---
# %% sampling
@torch.no_grad()
def generate(model, vocabulary, prompt, length, temperature, generator):
    model.eval()
    state, logits = None, None
    for i in vocabulary.encode(prompt):
        logits, state = model(i.reshape(1, 1), state)
    chosen = []
    for _ in range(length):
        scores = logits[0, 0]
        if temperature > 0:
            u = torch.rand(len(scores), generator=generator).clamp(1e-10, 1 - 1e-7)
            scores = scores / temperature - torch.log(-torch.log(u))
        chosen.append(scores.argmax())
        logits, state = model(chosen[-1].reshape(1, 1), state)
    return prompt + (vocabulary.decode(torch.stack(chosen)) if chosen else "")
