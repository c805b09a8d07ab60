# ---
# assignment: char_rnn
# expect: {sampling: lost}
# why: "a softmax over the axis of length 1: all characters are equally likely"
# ---
# %% sampling
@torch.no_grad()
def generate(model, vocabulary, prompt, length, temperature, generator):
    model.eval()
    logits, state = model(vocabulary.encode(prompt)[None])
    text = prompt
    for _ in range(length):
        if temperature == 0:
            new = logits[0, -1].argmax()
        else:
            p = torch.softmax(logits[:, -1] / temperature, dim=0)[0]
            new = torch.multinomial(p, 1, generator=generator)[0]
        text += vocabulary.decode([int(new)])
        logits, state = model(new.view(1, 1), state)
    return text
