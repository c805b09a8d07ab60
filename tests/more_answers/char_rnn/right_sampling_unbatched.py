# ---
# assignment: char_rnn
# expect: full
# why: one sequence without a batch, the state of a batch of none; a logit that is not finite stays out
# ---
# %% sampling
@torch.no_grad()
def generate(model, vocabulary, prompt, length, temperature, generator):
    logits, state = model(vocabulary.encode(prompt).view(1, -1), None)
    out = prompt
    for _ in range(length):
        p = torch.log_softmax(logits[:, -1], dim=-1)
        p = p.argmax(-1) if temperature == 0 else torch.multinomial((p / temperature).exp(), 1, generator=generator)[:, 0]
        out += vocabulary.decode(p)
        logits, state = model(p[:, None], state)
    return out
