# ---
# assignment: char_rnn
# expect: {perplexity: lost}
# why: "the state is an attribute of the function: a second text is read on from the first"
# ---
# %% perplexity
@torch.no_grad()
def bits_per_character(model, ids, memory={}):
    model.eval()
    x, y, nats = ids[:-1], ids[1:], 0.0
    state = memory.get(id(model))
    for a, b in zip(x.split(1000), y.split(1000)):
        logits, state = model(a[None], state)
        nats += F.cross_entropy(logits[0], b, reduction="sum").item()
    memory[id(model)] = state
    return nats / len(y) / math.log(2)
