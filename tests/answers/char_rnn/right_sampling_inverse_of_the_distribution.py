# ---
# assignment: char_rnn
# expect: full
# why: one uniform number, looked up in the cumulative sum; the prompt but its last character first
# ---
# %% sampling
@torch.no_grad()
def generate(model, vocabulary, prompt, length, temperature, generator):
    was_training = model.training
    model.eval()
    ids = vocabulary.encode(prompt)
    state = model(ids[None, :-1])[1] if len(ids) > 1 else None
    last, text = ids[-1:], [prompt]
    for _ in range(length):
        logits, state = model(last[None], state)
        if temperature == 0:
            last = logits[0].argmax(dim=-1)
        else:
            p = (logits[0, -1].double() / temperature).softmax(dim=0)
            u = torch.rand(1, generator=generator, dtype=torch.float64)
            last = torch.searchsorted(p.cumsum(dim=0), u).clamp(max=len(p) - 1)
        text.append(vocabulary.decode(last))
    model.train(was_training)
    return "".join(text)
