# ---
# assignment: char_rnn
# expect: {sampling: lost}
# why: length counts the prompt, too
# ---
# %% sampling
@torch.no_grad()
def generate(model, vocabulary, prompt, length, temperature, generator):
    model.eval()
    logits, state = model(vocabulary.encode(prompt)[None])
    text = prompt
    for _ in range(length - len(prompt)):
        if temperature == 0:
            new = logits[0, -1].argmax()
        else:
            p = torch.softmax(logits[0, -1] / temperature, dim=-1)
            new = torch.multinomial(p, 1, generator=generator)[0]
        text += vocabulary.decode([int(new)])
        logits, state = model(new.view(1, 1), state)
    return text
