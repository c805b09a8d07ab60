# ---
# assignment: char_rnn
# expect: {perplexity: lost}
# why: "a long text is cut to its first 10,000 characters"
# ---
# %% perplexity
@torch.no_grad()
def bits_per_character(model, ids):
    model.eval()
    ids = ids[:10_000]
    x, y, nats, state = ids[:-1], ids[1:], 0.0, None
    for a, b in zip(x.split(1000), y.split(1000)):
        logits, state = model(a[None], state)
        nats += F.cross_entropy(logits[0], b, reduction="sum").item()
    return nats / len(y) / math.log(2)
