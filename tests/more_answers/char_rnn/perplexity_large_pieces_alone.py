# ---
# assignment: char_rnn
# expect: {perplexity: lost}
# why: "pieces of 5,000, each read from a zero state"
# ---
# %% perplexity
@torch.no_grad()
def bits_per_character(model, ids):
    model.eval()
    x, y, nats = ids[:-1], ids[1:], 0.0
    for a, b in zip(x.split(5000), y.split(5000)):
        logits, _ = model(a[None], None)
        nats += F.cross_entropy(logits[0], b, reduction="sum").item()
    return nats / len(y) / math.log(2)
