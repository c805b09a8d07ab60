# ---
# assignment: char_rnn
# expect: full
# why: "softmax first, then to the power 1/T: multinomial needs no sum of one"
# ---
# %% sampling
@torch.no_grad()
def generate(model, vocabulary, prompt, length, temperature, generator):
    model.eval()
    ids = vocabulary.encode(prompt)
    logits, state = model(ids[None, :], None)
    for _ in range(length):
        probabilities = logits[0, -1].double().softmax(0)
        if temperature:
            probabilities = (probabilities / probabilities.max()) ** (1 / temperature)
            new = torch.multinomial(probabilities, num_samples=1, generator=generator)
        else:
            new = probabilities.argmax().view(1)
        ids = torch.cat((ids, new))
        logits, state = model(new[None], state)
    return prompt + vocabulary.decode(ids[len(prompt) :])
