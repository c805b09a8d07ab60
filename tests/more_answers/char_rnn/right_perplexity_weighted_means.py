# ---
# assignment: char_rnn
# expect: full
# why: means of the pieces, weighted by their lengths; a tensor of one number is made a float
# ---
# %% perplexity
def bits_per_character(model, ids):
    was_training = model.training
    model.eval()
    inputs, targets = ids[:-1].split(300), ids[1:].split(300)
    state, means, weights = None, [], []
    for x, y in zip(inputs, targets):
        with torch.inference_mode():
            logits, state = model(x.view(1, -1), state)
        means.append(nn.CrossEntropyLoss()(logits.flatten(0, 1), y))
        weights.append(len(y))
    model.train(was_training)
    return float(np.average([float(m) for m in means], weights=weights) / math.log(2))
