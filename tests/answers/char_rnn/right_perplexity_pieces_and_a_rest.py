# ---
# assignment: char_rnn
# expect: full
# why: stream_batches with one row, and what it leaves out at the end, by itself
# ---
# %% perplexity
@torch.no_grad()
def bits_per_character(model, ids, piece=200):
    nats, n, state = 0.0, 0, None
    for x, y in stream_batches(ids, 1, piece):
        logits, state = model(x, state)
        nats += F.cross_entropy(logits[0], y[0], reduction="sum").item()
        n += y.numel()
    if n < len(ids) - 1:
        logits, _ = model(ids[None, n:-1], state)
        nats += F.cross_entropy(logits[0], ids[n + 1 :], reduction="sum").item()
    return nats / (len(ids) - 1) / np.log(2)
