# ---
# assignment: char_rnn
# expect: {perplexity: lost}
# why: "a last piece with a single character to foretell is skipped, and yet counted in the mean"
# ---
# %% perplexity
@torch.no_grad()
def bits_per_character(model, ids):
    model.eval()
    x, y, nats, state = ids[:-1], ids[1:], 0.0, None
    for a, b in zip(x.split(100), y.split(100)):
        if len(a) < 2 and state is not None:
            continue
        logits, state = model(a[None], state)
        nats += F.cross_entropy(logits[0], b, reduction="sum").item()
    return nats / len(y) / math.log(2)
