# ---
# assignment: char_rnn
# expect: {perplexity: lost}
# why: each piece begins with a fresh state
# ---
# %% perplexity
@torch.no_grad()
def bits_per_character(model, ids, piece=512):
    model.eval()
    nats, state = 0.0, None
    for start in range(0, len(ids) - 1, piece):
        x, y = ids[start : start + piece + 1][:-1], ids[start + 1 : start + piece + 1]
        logits, state = model(x[None])
        nats += F.cross_entropy(logits[0], y, reduction="sum").item()
    return nats / math.log(2) / (len(ids) - 1)
