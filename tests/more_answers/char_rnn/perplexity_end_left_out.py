# ---
# assignment: char_rnn
# expect: {perplexity: lost}
# why: an incomplete piece at the end is left out
# ---
# %% perplexity
@torch.no_grad()
def bits_per_character(model, ids):
    length = min(256, len(ids) - 1)
    bits, state = [], None
    for x, y in stream_batches(ids, 1, length):
        logits, state = model(x, state)
        bits.append(F.cross_entropy(logits[0], y[0]).item() / math.log(2))
    return sum(bits) / len(bits)
